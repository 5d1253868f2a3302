-- A support contract has a last day of its own.
ALTER TABLE configuration_item ADD COLUMN contract_until BIGINT;

-- Whoever answers for an item hears thirty days before a last day of it, as they do of one that is written from now on.
INSERT INTO timer (key, due, kind, record, payload, state)
SELECT 'lapse:' || record.id || ':warranty_until', (configuration_item.warranty_until - 30) * 86400000, 'lapse', record.id, '{}', 'waiting'
FROM configuration_item JOIN record ON record.id = configuration_item.record
WHERE record.phase < 3 AND configuration_item.warranty_until * 86400000 > unixepoch() * 1000;
INSERT INTO timer (key, due, kind, record, payload, state)
SELECT 'lapse:' || record.id || ':supported_until', (configuration_item.supported_until - 30) * 86400000, 'lapse', record.id, '{}', 'waiting'
FROM configuration_item JOIN record ON record.id = configuration_item.record
WHERE record.phase < 3 AND configuration_item.supported_until * 86400000 > unixepoch() * 1000;
