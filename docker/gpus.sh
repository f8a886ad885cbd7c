#!/bin/sh
# The GPUs of this worker, as Spark wants to be told: {"name": "gpu", "addresses": ["0", "1"]}.
set -eu
nvidia-smi --query-gpu=index --format=csv,noheader |
  awk 'BEGIN {printf "{\"name\": \"gpu\", \"addresses\": ["} {printf "%s\"%s\"", sep, $1; sep = ", "} END {print "]}"}'
