-- Fails by a division by zero where the version is not recorded.
select 1 / pg_catalog.count(*) from pevensie.module_version
where module::pg_catalog.text = 'base' and version >= '2025-01-02 00:00:00+00';
