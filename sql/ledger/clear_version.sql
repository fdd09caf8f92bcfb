delete from pevensie.module_version where module::pg_catalog.text = :'module';
