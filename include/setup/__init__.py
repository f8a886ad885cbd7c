"""What `make setup`, `make demo` and `make airflow` do, one short file a step."""
