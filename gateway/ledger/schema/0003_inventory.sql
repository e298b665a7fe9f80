-- What each account was last seen to have, for a cold start and for the other gateways. Unix milliseconds.
CREATE TABLE inventory_accounts (
    provider      TEXT   NOT NULL PRIMARY KEY,
    as_of         BIGINT NOT NULL,
    version       BIGINT NOT NULL,
    refresher     TEXT   NOT NULL,
    refresh_until BIGINT NOT NULL
);
-- An empty body: gone, kept for a while so that others hear of it.
CREATE TABLE inventory_rows (
    provider TEXT   NOT NULL,
    id       TEXT   NOT NULL,
    version  BIGINT NOT NULL,
    seen_at  BIGINT NOT NULL,
    body     TEXT   NOT NULL,
    PRIMARY KEY (provider, id)
);
CREATE INDEX inventory_changes ON inventory_rows (provider, version);
