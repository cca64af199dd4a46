"""All operations of the API: the one table that routes and the OpenAPI document come of."""

from evidenced.publish.api_detail import CheckDetail, ClaimDetail
from evidenced.publish.api_gate_models import GateAnswer, StatusAnswer
from evidenced.publish.api_history_models import CheckHistory, EvidenceDetail, EvidenceList
from evidenced.publish.api_models import (
    Accepted,
    CheckList,
    ClaimList,
    Described,
    DrillAnswer,
    DrillBody,
    DrillList,
    MaintenanceAnswer,
    MaintenanceBody,
    MaintenanceList,
    PushAnswer,
)
from evidenced.publish.api_operation import Guard, Operation
from evidenced.publish.api_query import (
    CheckQuery,
    ClaimQuery,
    EndQuery,
    EvidenceQuery,
    GateQuery,
    HistoryQuery,
    SpanQuery,
)
from evidenced.publish.api_target_models import TargetList
from evidenced.publish.push_body import PushBody

CLAIM = "The id of a claim."
CHECK = "The name of a check; a slash in it is written %2F."

CLAIM_HISTORY = Operation(
    id="claimHistory",
    tag="claims",
    method="GET",
    path="/claims/{id}/history",
    summary="The changes of a claim's standing, newest first.",
    subject=CLAIM,
    query=HistoryQuery,
    answer=EvidenceList,
    problems=(404,),
    paged=True,
)
LIST_CLAIMS = Operation(
    id="listClaims",
    tag="claims",
    method="GET",
    path="/claims",
    summary="The claims as they stand now, in the order of the ledger.",
    query=ClaimQuery,
    answer=ClaimList,
    paged=True,
)
GET_CLAIM = Operation(
    id="getClaim",
    tag="claims",
    method="GET",
    path="/claims/{id}",
    summary="One claim as it stands now.",
    subject=CLAIM,
    answer=ClaimDetail,
    problems=(404,),
)
CHECK_HISTORY = Operation(
    id="checkHistory",
    tag="checks",
    method="GET",
    path="/checks/{name}/history",
    summary="The uptime of a check, and its runs in spans that ended alike, newest first.",
    subject=CHECK,
    query=SpanQuery,
    answer=CheckHistory,
    problems=(404,),
    paged=True,
)
LIST_CHECKS = Operation(
    id="listChecks",
    tag="checks",
    method="GET",
    path="/checks",
    summary="The checks as they stand now, in the order of the plan.",
    query=CheckQuery,
    answer=CheckList,
    paged=True,
)
GET_CHECK = Operation(
    id="getCheck",
    tag="checks",
    method="GET",
    path="/checks/{name}",
    summary="One check as it stands now.",
    subject=CHECK,
    answer=CheckDetail,
    problems=(404,),
)
LIST_EVIDENCE = Operation(
    id="listEvidence",
    tag="evidence",
    method="GET",
    path="/evidence",
    summary="The changes of standing of all claims or of one, newest first.",
    query=EvidenceQuery,
    answer=EvidenceList,
    paged=True,
)
GET_EVIDENCE = Operation(
    id="getEvidence",
    tag="evidence",
    method="GET",
    path="/evidence/{id}",
    summary="One change of standing with its proof.",
    subject="The id of a record.",
    numbered=True,
    answer=EvidenceDetail,
    problems=(404,),
)
ASK_GATE = Operation(
    id="askGate",
    tag="gate",
    method="GET",
    path="/gate",
    summary="Whether work on a topic may begin, with proof.",
    query=GateQuery,
    answer=GateAnswer,
    unready=GateAnswer,
)
GET_STATUS = Operation(
    id="getStatus",
    tag="gate",
    method="GET",
    path="/status",
    summary="What to read before any work.",
    answer=StatusAnswer,
)
LIST_MAINTENANCE = Operation(
    id="listMaintenance",
    tag="maintenance",
    method="GET",
    path="/maintenance",
    summary="The maintenance that is on.",
    answer=MaintenanceList,
)
BEGIN_MAINTENANCE = Operation(
    id="beginMaintenance",
    tag="maintenance",
    method="POST",
    path="/maintenance",
    summary="Begin maintenance: standings are left as they are meanwhile.",
    bodies={"application/json": MaintenanceBody},
    answer=MaintenanceAnswer,
    status=201,
    problems=(404, 408, 413, 415, 422),
    guard=Guard.ADMIN,
)
END_MAINTENANCE = Operation(
    id="endMaintenance",
    tag="maintenance",
    method="DELETE",
    path="/maintenance/{subject}",
    summary="End maintenance that was begun by hand.",
    subject="A claim or a check.",
    answer=None,
    status=204,
    problems=(404,),
    guard=Guard.ADMIN,
)
LIST_DRILLS = Operation(
    id="listDrills",
    tag="drills",
    method="GET",
    path="/drills",
    summary="The drills that are on.",
    answer=DrillList,
)
BEGIN_DRILL = Operation(
    id="beginDrill",
    tag="drills",
    method="POST",
    path="/drills",
    summary="Begin a drill: a claim is made to look failed, to try the way of its alert.",
    bodies={"application/json": DrillBody},
    answer=DrillAnswer,
    status=201,
    problems=(404, 408, 409, 413, 415, 421, 422),
    guard=Guard.ADMIN,
)
END_DRILL = Operation(
    id="endDrill",
    tag="drills",
    method="DELETE",
    path="/drills/{claim}",
    summary="End the drill of a claim.",
    subject=CLAIM,
    query=EndQuery,
    answer=None,
    status=204,
    problems=(404, 421),
    guard=Guard.ADMIN,
)
LIST_TARGETS = Operation(
    id="listTargets",
    tag="shards",
    method="GET",
    path="/targets",
    summary="The shards there are, for Prometheus' http_sd.",
    answer=TargetList,
)
PUSH = Operation(
    id="push",
    tag="push",
    method="POST",
    path="/push/{name}",
    summary="Tell how something went, to a check of kind push.",
    subject=CHECK,
    bodies={"application/json": PushBody, "application/xml": None, "text/xml": None},
    body_required=False,
    answer=PushAnswer,
    status=202,
    problems=(404, 408, 413, 415, 421, 422),
    guard=Guard.PUSH,
)
ACCEPT_LEDGER = Operation(
    id="acceptLedger",
    tag="ledger",
    method="POST",
    path="/ledger/accept",
    summary="Believe the ledger as it is, whatever it has lost.",
    answer=Accepted,
    problems=(409,),
    guard=Guard.ADMIN,
)
OPENAPI = Operation(
    id="getDescription",
    tag="description",
    method="GET",
    path="/openapi.json",
    summary="This description, as OpenAPI 3.1.",
    answer=Described,
)

OPERATIONS: tuple[Operation, ...] = (
    LIST_CLAIMS,
    GET_CLAIM,
    CLAIM_HISTORY,
    LIST_CHECKS,
    GET_CHECK,
    CHECK_HISTORY,
    LIST_EVIDENCE,
    GET_EVIDENCE,
    ASK_GATE,
    GET_STATUS,
    LIST_MAINTENANCE,
    BEGIN_MAINTENANCE,
    END_MAINTENANCE,
    LIST_DRILLS,
    BEGIN_DRILL,
    END_DRILL,
    PUSH,
    ACCEPT_LEDGER,
    LIST_TARGETS,
    OPENAPI,
)
"""Each of them once, in the order of the description."""
