-- One row per write that a caller asked for. Times are Unix milliseconds. The same text runs on every engine.
CREATE TABLE operations (
    id                   TEXT   NOT NULL PRIMARY KEY,
    type                 TEXT   NOT NULL,
    provider             TEXT   NOT NULL,
    state                TEXT   NOT NULL,
    outcome              TEXT   NOT NULL,
    principal            TEXT   NOT NULL,
    idempotency_key      TEXT,
    fingerprint          TEXT   NOT NULL,
    request              TEXT   NOT NULL,
    lock_key             TEXT,
    product              TEXT   NOT NULL,
    scope                TEXT   NOT NULL,
    native_id            TEXT   NOT NULL,
    end_a                TEXT   NOT NULL,
    end_b                TEXT   NOT NULL,
    marker               TEXT   NOT NULL,
    baseline             TEXT   NOT NULL,
    order_number         TEXT   NOT NULL,
    provider_request_id  TEXT   NOT NULL,
    problem_slug         TEXT,
    problem_detail       TEXT,
    problem_retryable    BIGINT,
    problem_code         TEXT,
    problem_message      TEXT,
    problem_request_id   TEXT,
    problem_bandwidth_id TEXT,
    attempts             BIGINT NOT NULL,
    created_at           BIGINT NOT NULL,
    updated_at           BIGINT NOT NULL,
    sent_at              BIGINT,
    revision             BIGINT NOT NULL
);
-- A caller's key stands for one operation.
CREATE UNIQUE INDEX operations_by_key ON operations (principal, idempotency_key) WHERE idempotency_key IS NOT NULL;
-- No two operations hold the same lock, whoever asked for them.
CREATE UNIQUE INDEX operations_by_lock ON operations (lock_key) WHERE lock_key IS NOT NULL;
CREATE INDEX operations_open ON operations (id) WHERE state NOT IN ('settled', 'failed');
