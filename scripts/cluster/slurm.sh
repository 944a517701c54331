#!/usr/bin/env bash
#SBATCH --job-name=stsurvey
#SBATCH --array=0-7
#SBATCH --cpus-per-task=1
#SBATCH --requeue
#SBATCH --signal=B:TERM@120
# A scan as an array job of Slurm, a shard for each task; the number of tasks is that of --array.
#
#   sbatch scripts/cluster/slurm.sh FOLDER LIST… [option of stsurvey scan…]
#   sbatch --dependency=afterok:JOB --wrap 'stsurvey merge FOLDER/shard-* --output FOLDER/whole'
#
# FOLDER and the lists are on a file system that all nodes have. Two minutes before its time is over
# a task writes down what it has, and is put back into the queue, where it goes on.
set -uo pipefail

readonly tasks=${SLURM_ARRAY_TASK_COUNT:?run this by sbatch}
# Slurm runs a copy of this file; the job's folder is the one that sbatch was called in.
readonly scan_shard=${SCAN_SHARD:-scripts/cluster/scan-shard}

"$scan_shard" "$SLURM_ARRAY_TASK_ID/$tasks" "$@" &
scan=$!
trap 'kill -TERM "$scan"' TERM
wait "$scan"
code=$?
# A signal ends the wait, not the scan.
while [[ $code -gt 128 ]]; do
    ended_by=$code
    wait "$scan"
    code=$?
    [[ $code -eq $ended_by || $code -eq 127 ]] && code=$ended_by && break
done
case $code in
    74 | 75) scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID" ;;
esac
exit "$code"
