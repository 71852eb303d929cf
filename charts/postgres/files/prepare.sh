#!/bin/sh
# Creates the data folder if it is missing, then a role and a database for each file in /run/passwords: the file is named after
# the service and contains its password. Runs in single-user mode before the server starts, so no client sees a partial state.
set -eu

[ -s "$PGDATA/PG_VERSION" ] ||
  initdb --pgdata "$PGDATA" --username postgres --auth scram-sha-256 --pwfile /run/admin/password --encoding UTF8 --locale C

run_sql() { postgres --single -D "$PGDATA" postgres; }

databases=$(echo 'SELECT datname FROM pg_database' | run_sql)
for file in /run/passwords/*; do
  name=meshmart_$(basename "$file")
  case $databases in
    *"\"$name\""*) echo "ALTER ROLE $name PASSWORD '$(cat "$file")'" ;;
    *)
      echo "CREATE ROLE $name LOGIN PASSWORD '$(cat "$file")'"
      echo "CREATE DATABASE $name OWNER $name"
      echo "REVOKE CONNECT, TEMPORARY ON DATABASE $name FROM PUBLIC"
      ;;
  esac
done | run_sql > /dev/null
