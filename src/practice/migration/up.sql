-- What migration 20250101000014_align_schema_table_names does, section by section, with its guards.
-- Each section is one DO block; the comment line `-- section: NAME` above it names it for those who leave one out.
-- Guards compare `tablename` without a schema, as the migration does, so tables elsewhere count too.

-- section: snapshots
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_tables WHERE tablename = 'detection_events')
     OR EXISTS (SELECT FROM pg_tables WHERE tablename = 'codebase_snapshots') THEN
    RAISE NOTICE 'Skipping detection_events rename: source table missing or target exists';
    RETURN;
  END IF;
  DROP INDEX IF EXISTS detection_events_event_type_index;
  DROP INDEX IF EXISTS detection_events_detector_index;
  DROP INDEX IF EXISTS detection_events_inserted_at_index;
  ALTER TABLE detection_events RENAME TO codebase_snapshots;
  ALTER TABLE codebase_snapshots
    ADD COLUMN codebase_id varchar(255),
    ADD COLUMN snapshot_id integer,
    ADD COLUMN summary jsonb,
    ADD COLUMN detected_technologies text[],
    ADD COLUMN features jsonb;
  UPDATE codebase_snapshots
  SET metadata = COALESCE(metadata, '{}')
        || jsonb_build_object('event_type', event_type, 'detector', detector, 'confidence', confidence),
      summary = '{}',
      detected_technologies = ARRAY[]::text[],
      features = '{}';
  -- `data` goes here, and nothing has copied it.
  ALTER TABLE codebase_snapshots
    DROP COLUMN event_type, DROP COLUMN detector, DROP COLUMN confidence, DROP COLUMN data;
  CREATE INDEX codebase_snapshots_codebase_id_index ON codebase_snapshots (codebase_id);
  CREATE UNIQUE INDEX codebase_snapshots_codebase_id_snapshot_id_index
    ON codebase_snapshots (codebase_id, snapshot_id);
  CREATE INDEX codebase_snapshots_inserted_at_index ON codebase_snapshots (inserted_at);
  RAISE NOTICE 'Renamed detection_events to codebase_snapshots';
END
$$;

-- section: sessions
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_tables WHERE tablename = 'git_sessions')
     OR EXISTS (SELECT FROM pg_tables WHERE tablename = 'git_agent_sessions') THEN
    RAISE NOTICE 'Skipping git_sessions rename: source table missing or target exists';
    RETURN;
  END IF;
  DROP INDEX IF EXISTS git_sessions_session_type_index;
  DROP INDEX IF EXISTS git_sessions_status_index;
  ALTER TABLE git_sessions RENAME TO git_agent_sessions;
  ALTER TABLE git_agent_sessions
    ADD COLUMN agent_id varchar(255),
    ADD COLUMN workspace_path text,
    ADD COLUMN correlation_id varchar(255),
    ADD COLUMN meta jsonb;
  UPDATE git_agent_sessions
  SET meta = COALESCE(metadata, '{}')
        || jsonb_build_object('session_type', session_type, 'base_branch', base_branch, 'status', status),
      agent_id = 'migrated_' || id;
  ALTER TABLE git_agent_sessions RENAME COLUMN branch_name TO branch;
  ALTER TABLE git_agent_sessions
    DROP COLUMN session_type, DROP COLUMN base_branch, DROP COLUMN metadata;
  CREATE UNIQUE INDEX git_agent_sessions_agent_id_index ON git_agent_sessions (agent_id);
  CREATE INDEX git_agent_sessions_status_index ON git_agent_sessions (status);
  CREATE INDEX git_agent_sessions_correlation_id_index ON git_agent_sessions (correlation_id);
  RAISE NOTICE 'Renamed git_sessions to git_agent_sessions';
END
$$;

-- section: pending
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_tables WHERE tablename = 'git_pending_merges') THEN
    RAISE NOTICE 'Skipping git_pending_merges: table already exists';
    RETURN;
  END IF;
  CREATE TABLE git_pending_merges (
    id bigserial PRIMARY KEY,
    branch varchar(255) NOT NULL,
    pr_number integer,
    agent_id varchar(255) NOT NULL,
    task_id varchar(255),
    correlation_id varchar(255),
    meta jsonb DEFAULT '{}',
    inserted_at timestamp(6) NOT NULL DEFAULT now(),
    updated_at timestamp(6) NOT NULL DEFAULT now()
  );
  CREATE UNIQUE INDEX git_pending_merges_branch_index ON git_pending_merges (branch);
  CREATE INDEX git_pending_merges_agent_id_index ON git_pending_merges (agent_id);
  RAISE NOTICE 'Created git_pending_merges table';
END
$$;

-- section: history
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_tables WHERE tablename = 'git_merge_history') THEN
    RAISE NOTICE 'Skipping git_merge_history: table already exists';
    RETURN;
  END IF;
  CREATE TABLE git_merge_history (
    id bigserial PRIMARY KEY,
    branch varchar(255) NOT NULL,
    agent_id varchar(255),
    task_id varchar(255),
    correlation_id varchar(255),
    merge_commit varchar(255),
    status varchar(255) NOT NULL,
    details jsonb DEFAULT '{}',
    inserted_at timestamp(6) NOT NULL DEFAULT now(),
    updated_at timestamp(6) NOT NULL DEFAULT now()
  );
  CREATE INDEX git_merge_history_branch_index ON git_merge_history (branch);
  CREATE INDEX git_merge_history_status_index ON git_merge_history (status);
  CREATE INDEX git_merge_history_inserted_at_index ON git_merge_history (inserted_at);
  RAISE NOTICE 'Created git_merge_history table';
END
$$;

-- section: commits
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_tables WHERE tablename = 'git_commits') THEN
    DROP TABLE git_commits;
    RAISE NOTICE 'Dropped git_commits table (superseded by git_merge_history)';
  END IF;
END
$$;

-- section: templates
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_tables WHERE tablename = 'technology_knowledge')
     OR EXISTS (SELECT FROM pg_tables WHERE tablename = 'technology_templates') THEN
    RAISE NOTICE 'Skipping technology_templates: source missing or target exists';
    RETURN;
  END IF;
  CREATE TABLE technology_templates (
    id bigserial PRIMARY KEY,
    identifier varchar(255) NOT NULL UNIQUE,
    category varchar(255) NOT NULL,
    version varchar(255),
    source varchar(255),
    template jsonb NOT NULL,
    metadata jsonb DEFAULT '{}',
    checksum varchar(64),
    inserted_at timestamp(6) NOT NULL DEFAULT now(),
    updated_at timestamp(6) NOT NULL DEFAULT now()
  );
  CREATE INDEX technology_templates_category_index ON technology_templates (category);
  CREATE INDEX technology_templates_identifier_index ON technology_templates (identifier);
  INSERT INTO technology_templates (identifier, category, template, metadata, inserted_at, updated_at)
  SELECT technology || '/' || name,
         category,
         jsonb_build_object('technology', technology, 'name', name, 'description', description,
           'template', template, 'examples', examples, 'best_practices', best_practices,
           'antipatterns', antipatterns),
         COALESCE(metadata, '{}'),
         inserted_at,
         updated_at
  FROM technology_knowledge
  WHERE template IS NOT NULL;
  RAISE NOTICE 'Created and populated technology_templates table';
END
$$;

-- section: patterns
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_tables WHERE tablename = 'technology_knowledge')
     OR EXISTS (SELECT FROM pg_tables WHERE tablename = 'technology_patterns') THEN
    RAISE NOTICE 'Skipping technology_patterns: source missing or target exists';
    RETURN;
  END IF;
  CREATE TABLE technology_patterns (
    id bigserial PRIMARY KEY,
    technology_name varchar(255) NOT NULL,
    technology_type varchar(255) NOT NULL,
    version_pattern varchar(255),
    file_patterns text[] DEFAULT ARRAY[]::text[],
    directory_patterns text[] DEFAULT ARRAY[]::text[],
    config_files text[] DEFAULT ARRAY[]::text[],
    build_command text,
    dev_command text,
    install_command text,
    test_command text,
    output_directory text,
    confidence_weight float DEFAULT 1.0,
    detection_count integer DEFAULT 0,
    success_rate float DEFAULT 1.0,
    last_detected_at timestamp,
    extended_metadata jsonb,
    created_at timestamp(6) NOT NULL DEFAULT now(),
    updated_at timestamp(6) NOT NULL DEFAULT now()
  );
  CREATE UNIQUE INDEX technology_patterns_name_type_index
    ON technology_patterns (technology_name, technology_type);
  CREATE INDEX technology_patterns_technology_type_index ON technology_patterns (technology_type);
  -- The embedding becomes a JSON string: vector has no JSON form of its own.
  INSERT INTO technology_patterns (technology_name, technology_type, extended_metadata, created_at, updated_at)
  SELECT technology,
         category,
         jsonb_build_object('name', name, 'description', description, 'examples', examples,
           'best_practices', best_practices, 'antipatterns', antipatterns, 'embedding', embedding),
         inserted_at,
         updated_at
  FROM technology_knowledge;
  RAISE NOTICE 'Created and populated technology_patterns table';
END
$$;

-- section: knowledge
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_tables WHERE tablename = 'technology_knowledge')
     AND EXISTS (SELECT FROM pg_tables WHERE tablename = 'technology_templates')
     AND EXISTS (SELECT FROM pg_tables WHERE tablename = 'technology_patterns') THEN
    IF (SELECT count(*) FROM technology_templates) > 0 OR (SELECT count(*) FROM technology_patterns) > 0 THEN
      DROP TABLE technology_knowledge;
      RAISE NOTICE 'Dropped technology_knowledge table after successful migration';
    ELSE
      RAISE WARNING 'Not dropping technology_knowledge: no data in new tables';
    END IF;
  END IF;
END
$$;

-- section: record
-- Written by the migration framework, whether or not the sections above did anything.
INSERT INTO schema_migrations (version, inserted_at) VALUES (20250101000014, now() AT TIME ZONE 'UTC');
