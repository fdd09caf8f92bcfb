-- Down; it's "over" $$.
drop table pevensie."hostile;";

drop function pevensie.hostile();
