"""Campaigns on Apache Airflow: ``lib`` is a dags folder, and ``fleet_dag.py`` the one file of it that makes DAGs.

All but ``fleet_dag`` and ``operator`` needs the standard library alone. Nothing here needs what the rest of byodkim
does: it runs in Airflow's environment, and starts each run in byodkim's own by the name of a Jupyter kernel.
"""
