"""Campaigns on Apache Airflow: ``lib`` is a dags folder, and ``fleet_dag.py`` the one file of it that makes a DAG.

It runs in Airflow's environment, where only the standard library and Airflow are; each task starts the command
``byodkim`` of byodkim's own environment.
"""
