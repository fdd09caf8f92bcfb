delete from pevensie.module_version where module = :'module';
