-- What `mix ecto.rollback` does for 20250101000014: the runbook's statements behind guards, without its NOT NULL part.
-- A section whose guard does not hold is skipped without a word, and the version row goes all the same.

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_tables WHERE tablename = 'codebase_snapshots')
     OR EXISTS (SELECT FROM pg_tables WHERE tablename = 'detection_events') THEN
    RETURN;
  END IF;
  DROP INDEX IF EXISTS codebase_snapshots_codebase_id_index;
  DROP INDEX IF EXISTS codebase_snapshots_codebase_id_snapshot_id_index;
  DROP INDEX IF EXISTS codebase_snapshots_inserted_at_index;
  ALTER TABLE codebase_snapshots RENAME TO detection_events;
  ALTER TABLE detection_events
    ADD COLUMN IF NOT EXISTS event_type varchar(255),
    ADD COLUMN IF NOT EXISTS detector varchar(255),
    ADD COLUMN IF NOT EXISTS confidence float,
    ADD COLUMN IF NOT EXISTS data jsonb;
  UPDATE detection_events
  SET event_type = COALESCE(metadata->>'event_type', 'unknown'),
      detector = COALESCE(metadata->>'detector', 'unknown'),
      confidence = COALESCE((metadata->>'confidence')::float, 1.0),
      data = metadata
  WHERE event_type IS NULL;
  ALTER TABLE detection_events
    DROP COLUMN IF EXISTS codebase_id,
    DROP COLUMN IF EXISTS snapshot_id,
    DROP COLUMN IF EXISTS summary,
    DROP COLUMN IF EXISTS detected_technologies,
    DROP COLUMN IF EXISTS features;
  CREATE INDEX detection_events_event_type_index ON detection_events (event_type);
  CREATE INDEX detection_events_detector_index ON detection_events (detector);
  CREATE INDEX detection_events_inserted_at_index ON detection_events (inserted_at);
  RAISE NOTICE 'Restored detection_events from codebase_snapshots';
END
$$;

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_tables WHERE tablename = 'git_agent_sessions')
     OR EXISTS (SELECT FROM pg_tables WHERE tablename = 'git_sessions') THEN
    RETURN;
  END IF;
  DROP INDEX IF EXISTS git_agent_sessions_agent_id_index;
  DROP INDEX IF EXISTS git_agent_sessions_status_index;
  DROP INDEX IF EXISTS git_agent_sessions_correlation_id_index;
  ALTER TABLE git_agent_sessions RENAME TO git_sessions;
  ALTER TABLE git_sessions
    ADD COLUMN IF NOT EXISTS session_type varchar(255),
    ADD COLUMN IF NOT EXISTS base_branch varchar(255),
    ADD COLUMN IF NOT EXISTS metadata jsonb;
  UPDATE git_sessions
  SET session_type = COALESCE(meta->>'session_type', 'unknown'),
      base_branch = meta->>'base_branch',
      metadata = meta
  WHERE session_type IS NULL;
  ALTER TABLE git_sessions RENAME COLUMN branch TO branch_name;
  ALTER TABLE git_sessions
    DROP COLUMN IF EXISTS agent_id,
    DROP COLUMN IF EXISTS workspace_path,
    DROP COLUMN IF EXISTS correlation_id,
    DROP COLUMN IF EXISTS meta;
  CREATE INDEX git_sessions_session_type_index ON git_sessions (session_type);
  CREATE INDEX git_sessions_status_index ON git_sessions (status);
  RAISE NOTICE 'Restored git_sessions from git_agent_sessions';
END
$$;

DROP TABLE IF EXISTS git_merge_history;
DROP TABLE IF EXISTS git_pending_merges;

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_tables WHERE tablename = 'technology_templates')
     OR NOT EXISTS (SELECT FROM pg_tables WHERE tablename = 'technology_patterns')
     OR EXISTS (SELECT FROM pg_tables WHERE tablename = 'technology_knowledge') THEN
    RETURN;
  END IF;
  CREATE TABLE technology_knowledge (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    technology varchar(255) NOT NULL,
    category varchar(255) NOT NULL,
    name varchar(255) NOT NULL,
    description text,
    template text,
    examples text[] DEFAULT ARRAY[]::text[],
    best_practices text,
    antipatterns text[] DEFAULT ARRAY[]::text[],
    metadata jsonb DEFAULT '{}'::jsonb,
    embedding vector(768),
    inserted_at timestamp(6) without time zone NOT NULL DEFAULT now(),
    updated_at timestamp(6) without time zone NOT NULL DEFAULT now()
  );
  CREATE INDEX technology_knowledge_technology_category_index ON technology_knowledge (technology, category);
  CREATE INDEX technology_knowledge_name_index ON technology_knowledge (name);
  INSERT INTO technology_knowledge (technology, category, name, description, metadata, inserted_at, updated_at)
  SELECT technology_name, technology_type, technology_name, extended_metadata->>'description',
         extended_metadata, created_at, updated_at
  FROM technology_patterns;
  DROP TABLE technology_templates;
  DROP TABLE technology_patterns;
  RAISE NOTICE 'Restored technology_knowledge from split tables';
END
$$;

DELETE FROM schema_migrations WHERE version = 20250101000014;
