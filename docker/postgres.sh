#!/bin/sh
# The first start of Postgres only: a role and a database for Airflow, another for MLflow, neither a superuser.
set -eu
make() {
  psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d postgres -v name="$1" -v password="$2" <<'SQL'
create role :"name" login password :'password';
create database :"name" owner :"name";
SQL
}
make airflow "$AIRFLOW_DB_PASSWORD"
make mlflow "$MLFLOW_DB_PASSWORD"
