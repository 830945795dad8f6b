-- The schema as the application's first migrations leave it, before 20250101000014 runs.
-- Types are those that Ecto's Postgres adapter writes: :string is varchar(255), :map is jsonb, timestamps() are
-- timestamp(0) NOT NULL without a default, and an array of :string is varchar(255)[].
-- The extension (or type) vector must exist.

CREATE TABLE schema_migrations (
  version bigint NOT NULL,
  inserted_at timestamp(0) without time zone,
  PRIMARY KEY (version)
);

CREATE TABLE detection_events (
  id uuid NOT NULL,
  event_type varchar(255) NOT NULL,
  detector varchar(255) NOT NULL,
  confidence float NOT NULL,
  data jsonb NOT NULL,
  metadata jsonb DEFAULT '{}',
  inserted_at timestamp(0) NOT NULL,
  updated_at timestamp(0) NOT NULL,
  PRIMARY KEY (id)
);
CREATE INDEX detection_events_event_type_index ON detection_events (event_type);
CREATE INDEX detection_events_detector_index ON detection_events (detector);
CREATE INDEX detection_events_inserted_at_index ON detection_events (inserted_at);

CREATE TABLE git_sessions (
  id uuid NOT NULL,
  session_type varchar(255) NOT NULL,
  branch_name varchar(255) NOT NULL,
  base_branch varchar(255),
  status varchar(255) NOT NULL,
  metadata jsonb DEFAULT '{}',
  inserted_at timestamp(0) NOT NULL,
  updated_at timestamp(0) NOT NULL,
  PRIMARY KEY (id)
);
CREATE INDEX git_sessions_session_type_index ON git_sessions (session_type);
CREATE INDEX git_sessions_status_index ON git_sessions (status);

CREATE TABLE git_commits (
  id uuid NOT NULL,
  session_id uuid CONSTRAINT git_commits_session_id_fkey REFERENCES git_sessions (id) ON DELETE CASCADE,
  commit_hash varchar(255) NOT NULL,
  message text NOT NULL,
  author varchar(255),
  files_changed varchar(255)[] DEFAULT ARRAY[]::varchar[],
  metadata jsonb DEFAULT '{}',
  inserted_at timestamp(0) NOT NULL,
  updated_at timestamp(0) NOT NULL,
  PRIMARY KEY (id)
);
CREATE INDEX git_commits_session_id_index ON git_commits (session_id);
CREATE UNIQUE INDEX git_commits_commit_hash_index ON git_commits (commit_hash);

CREATE TABLE technology_knowledge (
  id uuid NOT NULL,
  technology varchar(255) NOT NULL,
  category varchar(255) NOT NULL,
  name varchar(255) NOT NULL,
  description text,
  template text,
  examples text[] DEFAULT ARRAY[]::text[],
  best_practices text,
  antipatterns varchar(255)[] DEFAULT ARRAY[]::varchar[],
  metadata jsonb DEFAULT '{}',
  embedding vector(768),
  inserted_at timestamp(0) NOT NULL,
  updated_at timestamp(0) NOT NULL,
  PRIMARY KEY (id)
);
CREATE INDEX technology_knowledge_technology_category_index ON technology_knowledge (technology, category);
CREATE INDEX technology_knowledge_name_index ON technology_knowledge (name);
