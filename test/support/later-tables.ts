/** The new tables as migrations 20250101000011 to 013 make them: bigint keys, other index names, no updated_at. */
export const LATER_TABLES = `
CREATE TABLE codebase_snapshots (
  id bigserial PRIMARY KEY,
  codebase_id varchar(255) NOT NULL,
  snapshot_id integer NOT NULL,
  metadata jsonb,
  summary jsonb,
  detected_technologies varchar(255)[] DEFAULT ARRAY[]::varchar[],
  features jsonb,
  inserted_at timestamp(0) DEFAULT now()
);
CREATE UNIQUE INDEX codebase_snapshots_codebase_id_snapshot_id_index
  ON codebase_snapshots (codebase_id, snapshot_id);
CREATE INDEX codebase_snapshots_codebase_id_index ON codebase_snapshots (codebase_id);
CREATE INDEX codebase_snapshots_snapshot_id_index ON codebase_snapshots (snapshot_id);
CREATE INDEX codebase_snapshots_inserted_at_index ON codebase_snapshots (inserted_at);

CREATE TABLE git_agent_sessions (
  id bigserial PRIMARY KEY,
  agent_id varchar(255) NOT NULL,
  branch varchar(255),
  workspace_path varchar(255) NOT NULL,
  correlation_id varchar(255),
  status varchar(255) NOT NULL DEFAULT 'active',
  meta jsonb DEFAULT '{}',
  inserted_at timestamp NOT NULL,
  updated_at timestamp NOT NULL
);
CREATE UNIQUE INDEX git_agent_sessions_agent_id_key ON git_agent_sessions (agent_id);
CREATE INDEX git_agent_sessions_status_index ON git_agent_sessions (status);
CREATE INDEX git_agent_sessions_correlation_id_index ON git_agent_sessions (correlation_id);

CREATE TABLE git_pending_merges (
  id bigserial PRIMARY KEY,
  branch varchar(255) NOT NULL,
  pr_number integer,
  agent_id varchar(255) NOT NULL,
  task_id varchar(255),
  correlation_id varchar(255),
  meta jsonb DEFAULT '{}',
  inserted_at timestamp NOT NULL,
  updated_at timestamp NOT NULL
);
CREATE UNIQUE INDEX git_pending_merges_branch_key ON git_pending_merges (branch);

CREATE TABLE git_merge_history (
  id bigserial PRIMARY KEY,
  branch varchar(255) NOT NULL,
  agent_id varchar(255),
  task_id varchar(255),
  correlation_id varchar(255),
  merge_commit varchar(255),
  status varchar(255) NOT NULL,
  details jsonb DEFAULT '{}',
  inserted_at timestamp NOT NULL,
  updated_at timestamp NOT NULL
);
CREATE INDEX git_merge_history_branch_index ON git_merge_history (branch);
CREATE INDEX git_merge_history_status_index ON git_merge_history (status);

CREATE TABLE technology_patterns (
  id bigserial PRIMARY KEY,
  technology_name varchar(255) NOT NULL,
  technology_type varchar(255) NOT NULL,
  version_pattern varchar(255),
  file_patterns varchar(255)[] DEFAULT ARRAY[]::varchar[],
  directory_patterns varchar(255)[] DEFAULT ARRAY[]::varchar[],
  config_files varchar(255)[] DEFAULT ARRAY[]::varchar[],
  build_command varchar(255),
  dev_command varchar(255),
  install_command varchar(255),
  test_command varchar(255),
  output_directory varchar(255),
  confidence_weight float DEFAULT 1.0,
  detection_count integer DEFAULT 0,
  success_rate float DEFAULT 1.0,
  last_detected_at timestamp(0),
  extended_metadata jsonb,
  created_at timestamp(0) DEFAULT now(),
  updated_at timestamp(0) DEFAULT now()
);
CREATE UNIQUE INDEX technology_patterns_technology_name_technology_type_key
  ON technology_patterns (technology_name, technology_type);

CREATE TABLE technology_templates (
  id bigserial PRIMARY KEY,
  identifier varchar(255) NOT NULL,
  category varchar(255) NOT NULL,
  version varchar(255),
  source varchar(255),
  template jsonb NOT NULL,
  metadata jsonb DEFAULT '{}',
  checksum varchar(255),
  inserted_at timestamp NOT NULL,
  updated_at timestamp NOT NULL
);
CREATE UNIQUE INDEX technology_templates_identifier_key ON technology_templates (identifier);
`;
