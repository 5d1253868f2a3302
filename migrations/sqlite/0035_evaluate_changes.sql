-- Evaluations: what was predicted of a change, what came about, and what is advised.
CREATE TABLE evaluation (
    record          INTEGER PRIMARY KEY REFERENCES record (id),
    scope           TEXT,
    plan            TEXT,
    measures        TEXT,
    actuals         TEXT,
    sheet           TEXT,
    risk_before     TEXT,
    risk_after      TEXT,
    report_before   TEXT,
    report          TEXT,
    recommendation  TEXT,
    reports         TEXT,
    advice_build    TEXT,
    advice_deploy   TEXT,
    advice_close    TEXT,
    effects         TEXT,
    qualification   TEXT,
    validation      TEXT,
    conclusion      TEXT
);
-- What a change takes from its evaluation.
ALTER TABLE change ADD COLUMN evaluated BOOLEAN;
ALTER TABLE change ADD COLUMN advice_build TEXT;
ALTER TABLE change ADD COLUMN advice_deploy TEXT;
ALTER TABLE change ADD COLUMN advice_close TEXT;
ALTER TABLE change ADD COLUMN despite_advice TEXT;
ALTER TABLE change ADD COLUMN evaluation_report TEXT;
