-- A client that vanished must not keep the lock: the server notices within seconds.
set local tcp_keepalives_idle to 2;
set local tcp_keepalives_interval to 1;
set local tcp_keepalives_count to 3;
set local tcp_user_timeout to 5000;
set local idle_in_transaction_session_timeout to 30000;
do $$
begin
  begin
    set local client_connection_check_interval to 1000;
  exception
    when invalid_parameter_value then -- a server on Windows cannot look
      null;
  end;
  if pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 170000 then
    perform pg_catalog.set_config('transaction_timeout', '0', true);
  end if;
end
$$;
