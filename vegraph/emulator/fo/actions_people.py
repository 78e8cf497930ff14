"""Actions of Human Resources."""

from __future__ import annotations

from collections.abc import Mapping

from vegraph.emulator.engine.dialect import ActionAnswer
from vegraph.emulator.fo.actions import Action, ActionRefused, Deed, value

__all__ = ["ACTIONS"]


def _submit(deed: Deed) -> ActionAnswer:
    row = deed.row
    if row["Status"] not in ("Draft", "Denied"):
        raise ActionRefused(f"Leave request {row['RequestId']} is {row['Status']} and cannot be submitted")
    deed.tx.update("MyLeaveRequests", row, {"Status": "Submitted", "SubmittedDateTime": deed.now})
    return ActionAnswer()


def _recall(deed: Deed) -> ActionAnswer:
    row = deed.row
    if row["Status"] not in ("Submitted", "InReview"):
        raise ActionRefused(f"Leave request {row['RequestId']} is {row['Status']} and cannot be recalled")
    changes = {"Status": "Draft", "Comment": str(deed.given("_comment", row["Comment"]))[:255]}
    deed.tx.update("MyLeaveRequests", row, changes)
    return ActionAnswer()


def _terminate(deed: Deed) -> ActionAnswer:
    row, tx = deed.row, deed.tx
    end = str(deed.given("_terminationDate", deed.now))
    running = [
        e for e in tx.find("Employments", None, {"PersonnelNumber": row["PersonnelNumber"]})
        if e["EmploymentEndDate"] > end
    ]  # fmt: skip
    if not running:
        raise ActionRefused(f"Worker {row['PersonnelNumber']} has no employment after {end[:10]}")
    for employment in running:
        changes = {"EmploymentEndDate": end, "LastDateWorked": end[:10], "ActionType": "Termination"}
        tx.update("Employments", employment, changes)
    after = tx.touch("Workers", row)
    return ActionAnswer(table=deed.table("Workers"), rows=(after,))


def _count_by_gender(deed: Deed) -> ActionAnswer:
    return value(len(deed.tx.find("Workers", None, {"Gender": deed.given("_gender", "None")})))


ACTIONS: Mapping[tuple[str, str], Action] = {
    ("MyLeaveRequest", "recall"): _recall,
    ("MyLeaveRequest", "submit"): _submit,
    ("Worker", "countByGender"): _count_by_gender,
    ("Worker", "terminate"): _terminate,
}
