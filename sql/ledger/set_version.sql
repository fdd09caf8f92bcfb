insert into pevensie.module_version (module, version, checksum)
values (:'module', :'version', :'checksum')
on conflict (module) do update set version = excluded.version, checksum = excluded.checksum;
