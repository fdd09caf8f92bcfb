drop table pevensie.one_time_token;

drop type pevensie.one_time_token_type;

drop table pevensie.session;

drop table pevensie."user";
