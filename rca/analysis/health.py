"""Recognises messages that report no failure: success, recovery, skips, stops on purpose, warnings, information.

Words that deny an error (`0 errors`, `error_count: 0`) and names that hold one (`error_handler_task`) are taken out
first; whatever still speaks of a failure then decides against health, unless a recovery is told after it.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from rca.catalog.breadth import Breadth
from rca.catalog.finding import Finding, Sign
from rca.catalog.matcher import Reading
from rca.catalog.phrases import Phrases


class Health(StrEnum):
    """Why a message is no failure; the value is the error type of its ticket."""

    SUCCEEDED = "Succeeded"
    RECOVERED = "Recovered"
    CANCELLED = "UserCancelled"
    STOPPED = "StoppedByPolicy"
    SKIPPED = "Skipped"
    WARNING = "WarningOnly"
    INFORMATION = "InformationOnly"


_TROUBLE: Final = (
    r"(?:errors?|failures?|failed|fail|failing|exceptions?|issues?|problems?|warnings?|violations?"
    r"|rejected|timeouts?"
    r"|anomal\w+|mismatch\w*|incidents?|alerts?|fehlern?|erreurs?|errores?|errori|erros?|fallos?|falhas?)"
)
_DENIED: Final = Phrases(
    rf"(?<![\w.,])(?:0|no|zero|without(?: any)?|keine?|ohne|sans|sin|senza|sem|nessun\w?|"
    rf"aucune?) (?:\w{{2,20}} ){{0,2}}{_TROUBLE}\b(?! (?:log|details?|message))",
    r"\b\w{0,40}(?:errors?|failures?|failed|fail|exceptions?|error_?count|rejected|warn(?:ings?)?|"
    r"skip(?:ped)?)(?:_?(?:rows|records|count|tasks|"
    r"tests))?[\"']?\s{0,2}[:=]\s{0,2}[\"']?(?:0(?![.\d]*[1-9])[.0]*%?|none|null|nil|false|\[\]|\{\}|"
    r"\"\"|''|-)(?![\w.]|\ (?:rows|records|files|lines)\b)",
    r"\b(?:error|failure)[ _]rate[\"']?(?: is| of|:|=)? ?0(?:\.0{1,6})? ?%?(?![\d.])",
    r"(?<![\w/.-])(?![\w-]{0,80}_(?:failed|failure|error|exception|"
    r"timeout)\b)(?:[\w-]{0,60}_)?(?:errors?|failures?|failed|exceptions?|fail)_[\w-]{1,60}",
    r"(?<![\w/.-])[\w-]{1,60}[_-](?:errors|failures|exceptions)\b(?!_)",
    r"[\w-]{1,60}/(?:errors?|failed|failures)(?:/[\w./-]{0,100})?",
    r"\b(?:table|file|column|task|dag|job|topic|queue|view|index|container|folder|pipeline|"
    r"activity)s? [\"'`]?[\w.-]{0,60}(?:error|fail|exception)[\w.-]{0,60}[\"'`]?(?= (?:succeeded|"
    r"completed|finished|loaded|was|has|is|passed|created|updated)|[.,;]|\s*$)",
    r"\berror[ -](?:handl\w+|logs?|budget|threshold|queue|table|reporting|tracking)\b",
    r"\bon[ _-](?:failure|error)\b|\bfailover\b|\bfail-?safe\b|\bfailed over\b",
    r"\b(?:previous|last|earlier|prior|former|yesterday'?s?) (?:\w{2,20} )?(?:run|attempt|try|"
    r"execution|failure|error|incident|outage)\b[^,.;\n]{0,60}",
    r"\b0 (?:of|/) \d{1,9} [\w ]{0,30}|没有错误|无错误|エラーなし|エラーはありません",
    r"\b\w{1,60}[\"'`]? (?:parameter|argument|option|keyword|setting|function|method|class|"
    r"api)s?\b(?=[^.\n]{0,60}deprecat)",
    r"\bfailures?/errors? (?:were|was) (?:fixed|cleared)",
    r"\b(?:no|not|never) (?:any )?(?:\w+ )?(?:failed|failing)\b",
    r"\balways (?:be )?firing\b|\bafter (?:attempt \d{1,2} failed|(?:an? )?error)\b",
    r"\b(?:retr(?:y|ies)|tries) (?:of|after) (?:\w+ )?(?:errors?|exceptions?|failures?)\b",
)
_FAILURE: Final = Phrases(
    r"\b(?:errors?|fail(?:s|ed|ing|ure|ures)?|fatal|panic|traceback|denied|refused|crash\w*|abort(?:ed|"
    r"ing)?|unable|cannot|can't|couldn't|could not|not found|does not exist|doesn't exist|invalid|"
    r"timed out|timeout|time-out|unreachable|killed|oomkilled|rejected|violat\w+|corrupt\w*|missing|"
    r"exceed(?:ed|s|ing)|deadlock\w*|unauthorized|forbidden|unsuccessful\w*|incomplete|partial(?:ly)?|"
    r"unhealthy|degraded|firing|evicted|breach\w*|insufficient|unavailable|down|lost|stuck|full|"
    r"mismatch|refusing|throttl\w+|backoff|conflict)\b",
    r"[a-z](?:error|exception)\b|_(?:failed|failure|error|exception|timeout)\b|\bexceptions?\b",
    r"\b(?:not|never|nicht|did not|didn't|wasn't|isn't|has not) (?:been )?(?:complete[d]?|"
    r"successful\w*|succeed(?:ed)?|finish(?:ed)?|healthy|ready|recovered|resolved|ok)\b",
    r"\bunresolved\b|\bno (?:\w{1,20} )?success\w*",
    r"success(?:ful)?[\"']?\s{0,2}[:=]\s{0,2}[\"']?(?:false|no\b|0\b)",
    r"with[_ ](?:\w{1,20}[_ ])?(?:errors?|failures?|issues)",
    r"\bsuccess(?:ful(?:ly)?)?[_ ]with[_ ](?:errors?|failures?)|\bpartial_?success\b"
    r"|\bnothing (?:was |has been )?(?:loaded|written|delivered|copied|imported)\b|\bexpected\b.{0,80}\bbut\b"
    r"|\bnot (?:been )?(?:delivered|arrived|seen|received|loaded|updated|refreshed)\b"
    r"|\b(?:has|have) not succeeded\b|\blast (?:successful )?\w{1,20} (?:was )?\d[\w. ]{0,20} ago\b"
    r"|\blast (?:success|successful)\b.{0,60}\bago\b|\b(?:behind|below|above|over) (?:the )?(?:mean"
    r"|schedule|threshold|limit)\b"
    r"|\b(?:completed|finished|succeeded|success(?:ful(?:ly)?)?),? but\b"
    r"|\b(?:exit|return)(?:ed)?(?: with)?[ _]?(?:code|status)[\"']?[ :=]{0,3}-?[1-9]",
    r"\bout of memory\b|\bno space\b",
    r"fehlgeschlagen|\bfehler|verweigert|abgelehnt|nicht gefunden|échec|échoué|\berreur|refusé",
    r"introuvable|\berro\b|\berrore\b|\berror|fall[oó]\b|fallid[oa]|denegad|falhou|\bfalha|negado",
    r"fallit[oa]|impossibile|エラー|失敗|失败|错误|異常|拒否|拒绝|超时|タイムアウト|できません|无法|오류|실패",
)
_RECOVERED: Final = Phrases(
    r"\breplacements? (?:was |were )?(?:acquired|started|added|launched)\b",
    r"(?<!be )(?<!not )(?<!un)\bresolved\b(?! (?:to|host|address|ip))|(?<!not )\brecovered\b(?: from \w+)?",
    r"\bback (?:to normal|online|up|in service)\b|\breturned to (?:normal|ok|healthy|service)",
    r"\breconnected\b|\bself-?healed\b",
    r"\b(?:alert|alarm|condition|incident|issue|problem)s? (?:has |have |was |were |is |"
    r"are )?(?:now )?(?:cleared|closed|over|mitigated|fixed)\b",
    r"\b(?:no longer|stopped) (?:firing|failing|active|above|below|breached)",
    r"\b(?:state|status|health|transition(?:ed)?|changed)\b[^\n.;]{0,30}\b(?:failed|alarm|firing|"
    r"unhealthy|critical|error|down|degraded)\b[\"']? ?(?:to|->|→|=>) ?[\"']?(?:success|succeeded|ok|"
    r"healthy|resolved|normal|up)\b",
    r"\bretr(?:y|ies) (?:\w{1,12} )?(?:succeeded|was successful|passed)",
    r"\bsucceeded (?:on|after|at|in|with) (?:the )?(?:\w{1,10} )?(?:attempt|retry|retries|try|tries|"
    r"\d{1,3} (?:retries|attempts))",
    r"\b(?:attempt|retry|try) (?:no\.? |number |#)?\d{1,3}(?: (?:of|"
    r"/) \d{1,3})?:? (?:has )?(?:succeeded|was successful|passed)",
    r"\bentries (?:were )?(?:written|indexed) (?:on|after) retry\b",
    r"\battempt (?:no\.? |number |#)?\d{1,3}(?: (?:of|/) \d{1,3})?:? ok\b|\bno longer fires\b"
    r"|\b(?:is|was) (?:now )?resolved\b|\bsucceeded \([^)]{0,80}\btry \d",
    r"\bresult_state[\"']{0,2}\s?[:=]\s?[\"']{0,2}success\b|\bmarking task as success\b",
    r"\bservice (?:has been |was |is )?restored|\bconnectivity (?:has been |was )?restored",
    r"wieder (?:normal|erreichbar|verfügbar|hergestellt)|\bbehoben|résolu|rétabli|resuelt[oa]",
    r"restablecid|resolvid[oa]|restabelecid|risolt[oa]|ripristinat|復旧|解決済|已恢复|已解决|복구",
)
_SUCCEEDED: Final = Phrases(
    r"\A\W{0,4}(?:ok|okay|healthy|completed|finished)\W{0,4}\Z",
    r"\bsuccessfully\b|\bsucceeded\b",
    r"\b(?:checks?|tests?|validations?|expectations?|probes?) (?:\w{1,20} )?passed\b",
    r"(?<!un)\bsuccess(?:ful)?\b(?! (?:rate|criteria|threshold))",
    r"\ball (?:\w{1,20} ){0,3}(?:passed|healthy|succeeded|green|ok|up|ready|fresh)\b",
    r"\b(?:state|status|result|outcome|result_state|conclusion|health|phase|"
    r"condition)[\"']?(?: ?[:=] ?| is | was | -> | to )[\"']?(?:\w{1,30}\.)?(?:success|succeeded|"
    r"successful|completed?|ok|healthy|passed|finished|done|ready|green|normal|available)\b",
    r"\bexit(?:ed)?(?: with)? (?:code|status)[ :=]{0,3}0\b|\breturn code[ :=]{0,3}0\b",
    r"\b(?:is|are|all|now) (?:healthy|up and running|ready|reachable|operational)\b",
    r"\bhealth ?check (?:passed|ok)|\boperating normally|\bworking as expected|\b200 ok\b",
    r"\b(?:is|are|was|now|again|stays?) within (?:limits?|(?:the )?thresholds?|(?:the )?sla)\b",
    r"\berfolgreich|succès|\bréussi|con éxito|exitosamente|correctamente|com sucesso|con successo",
    r"sem erros|正常に|正常終了|成功|完了しました|已完成|성공|완료|успешно|başar.yla|pomyślnie",
)
_COMPLETED: Final = Phrases(
    r"\b(?:completed|finished|passed|done|loaded|delivered|refreshed)\b",
    r"\bno action (?:is )?(?:required|needed)\b|\babgeschlossen\b|\bterminée?\b|\bcompletad[oa]\b",
    r"\bconcluíd[oa]\b|\bcompletat[oa]\b",
)
_BY_PERSON: Final = Phrases(
    r"\b(?:cancell?ed|stopped|aborted|terminated|paused|killed|interrupted|"
    r"disabled)\b[^.;\n]{0,30}\b(?:by|per|through) (?:the |an? |its )?(?:user|operator|administrator|"
    r"admin|owner|engineer|on-?call|person|analyst|\S{1,60}@\S{1,60}|\[redacted:\w{1,20}\])",
    r"\b(?:user|operator|admin(?:istrator)?|owner) (?:\S{1,60} )?(?:has |manually )?(?:cancell?ed|"
    r"stopped|aborted|terminated|paused|requested (?:the )?(?:cancel\w*|stop))",
    r"\bmanual(?:ly)? (?:cancell?(?:ed|ation)|stop(?:ped)?|abort(?:ed)?|terminat(?:ed|ion)|paused?)",
    r"\b(?:cancell?ed|stopped|terminated|aborted) (?:manually|on request|(?:from|via|in|"
    r"through) the (?:ui|portal|cli|api|console))",
    r"\bcancell?ation (?:was )?requested\b|\buser[ _-]?cancell?ed\b",
    r"(?:vom|durch(?: den)?|von einem) benutzer (?:abgebrochen|beendet|gestoppt)",
    r"abgebrochen durch (?:den )?benutzer|annulée? par l.utilisateur",
    r"arrêtée?s? volontairement|\bmis(?:e|es)? en pause\b|userinitiated|\bby an authori[sz]ed user\b",
    r"cancelad[oa] (?:por|pelo) (?:el |o )?(?:usuario|usuário|utilizador)|annullat[oa] dall.utente",
    r"ユーザーによ\w{1,8}キャンセル|用户(?:手动)?取消",
)
_BY_POLICY: Final = Phrases(
    r"\bauto[ -]?(?:terminat|paus|stopp|suspend|shut)\w*",
    r"\b(?:idle|inactiv\w+) (?:for|timeout|time|period|cluster|after)",
    r"\b(?:due to|because of|after|for) (?:\d{1,5} \w{1,8} (?:of )?)?(?:inactivity|idleness)",
    r"\b(?:planned|scheduled) (?:maintenance|shutdown|stop|downtime|scale[- ]?down)",
    r"\bmaintenance window\b|\bsuperseded\b|\b(?:paused|stopped) by (?:the |its )?schedule\b",
    r"\b(?:by|in favou?r of) (?:a )?newer (?:run|job|deployment|execution)",
    r"\bscal(?:ed|ing) (?:down|in)\b|\boutside (?:of )?business hours",
    r"\b(?:cost|lifecycle|retention|shutdown|concurrency) policy\b",
)
_SKIPPED: Final = Phrases(
    r"\b(?:was |were |is |been |task |run |activity |job )?skipp(?:ed|ing)\b(?! (?:rows?|records?|lines?))",
    r"\bshort.?circuit|\bbranch (?:was )?not (?:taken|followed|selected)",
    r"\bnothing to (?:do|process|load)|\bno new (?:data|files?|rows|records|partitions)",
    r"\bno (?:data|files|rows|records) to (?:process|load|copy)|\balready up.to.date|übersprungen",
    r"omitid[oa]|saltat[oa]|スキップ|跳过",
)
_WARNING: Final = Phrases(
    r"\bdeprecat\w+|\bwill be (?:removed|retired|discontinued|dropped) (?:in|on|from|with|as)\b",
    r"\b\w{0,40}warning:|^\W{0,4}warn(?:ing)?\b|\[warn(?:ing)?\]|\blevel[\"']?[=:] ?[\"']?warn",
    r"\bwarn(?:ing)?(?: -|:)|with (?:\d{1,6} )?warnings?\b|\bexpires? in \d{1,4} (?:days|weeks|months)",
    r"^hinweis|^avertissement|^advertencia|^aviso|^avviso|^警告",
)
_INFORMATION: Final = Phrases(
    r"^\W{0,4}info(?:rmation(?:al)?)?\b|\[info\]|\blevel[\"']?[=:] ?[\"']?info|\binfo(?: -|:)",
    r"\balerting pipeline is functional\b|\binformational\b|\bfor your information\b|^fyi\b"
    r"|\bhas (?:been )?started\b",
    r"^\W{0,4}(?:starting|started)\b|\bis (?:now )?(?:running|starting|queued|scheduled)\b",
    r"\bheartbeat (?:ok|received)\b|\bthis is a test\b|\btest (?:notification|alert|message)\b",
)
_PLAIN: Final = (
    (_BY_PERSON, Health.CANCELLED),
    (_BY_POLICY, Health.STOPPED),
    (_SKIPPED, Health.SKIPPED),
    (_SUCCEEDED, Health.SUCCEEDED),
    (_COMPLETED, Health.SUCCEEDED),
    (_WARNING, Health.WARNING),
    (_INFORMATION, Health.INFORMATION),
)
_KINDS: Final = ((_RECOVERED, Health.RECOVERED), *_PLAIN)
_SURELY_CALM: Final = 0.9
_CLEARLY_CALM: Final = 0.8
_HARDLY_CALM: Final = 0.1
"""Shares of probability, by the words, from which on nothing failed, and below which something did. Measured on texts
that the weights had not seen: of 28,000 failures 15 were above the one, of 213 that a phrase had hidden 156 were below
the other, while of 1,183 calm messages that no phrase knew 500 were found."""
_FEW: Final = 8
"""With fewer words a phrase says more than all of them together."""
_LOG: Final = 80
"""In so many words one line may tell of a failure among many that do not."""
_CERTAIN: Final = frozenset({_BY_PERSON, _BY_POLICY, _SUCCEEDED})
"""Words that stand against anything the catalog recognises by mere words as well."""
_STOP_WORDS: Final = re.compile(r"\b(?:failed|aborted|killed|timeout|down|error|unavailable)\b")
"""What stopped on purpose is often said to have failed."""
_LOOKED_AT: Final = 8_192


def is_mixed(reading: Reading) -> bool:
    """Whether a message speaks of success and of a failure alike, which together are a failure."""
    text = reading.stated[: 2 * _LOOKED_AT]
    praised = _SUCCEEDED.found_in(text) or _COMPLETED.found_in(text)
    return bool(praised and _FAILURE.found_in(_DENIED.sub(" ", text)))


def health_of(reading: Reading, code: str | None = None, *, condition: bool = False) -> Health | None:
    """Say why a message is no failure, or nothing where it is one; a condition's code is the name of an alert.

    The words as a whole are asked as well: they keep a phrase of success from hiding a failure, and where they are very
    sure they need none.
    """
    words = len(reading.text.split())
    if reading.calm is not None and reading.calm < _HARDLY_CALM and words >= _FEW:
        return None
    rest, told = _told(reading, code, condition=condition)
    if reading.calm is None or told is not None:
        return told
    least = _SURELY_CALM if words < _FEW or _is_narrow(reading.finding) else _CLEARLY_CALM
    if reading.calm < least or words > _LOG or reading.exceptions or _decides(reading.finding):
        return None
    return next((health for phrases, health in _KINDS if phrases.found_in(rest)), Health.INFORMATION)


def _told(reading: Reading, code: str | None, *, condition: bool) -> tuple[str, Health | None]:
    """Return the text without what only sounds like a failure, and what its phrases say."""
    text = reading.stated
    if len(text) > 2 * _LOOKED_AT:
        text = f"{text[:_LOOKED_AT]}\n{text[-_LOOKED_AT:]}"
    if code:
        text = f"{text}\nstatus: {code.lower()[:100]}" if not condition else text
    rest = _DENIED.sub(" ", text)
    last = max((match.start() for match in _FAILURE.finditer(rest)), default=-1)
    if _recovers(rest, last, reading, condition=condition):
        return rest, Health.RECOVERED
    if _decides(reading.finding) or reading.exceptions:
        return rest, None
    if (stopped := _stopped(rest, last)) is not None:
        return rest, stopped
    if last >= 0:
        return rest, None
    by, told = next((pair for pair in _PLAIN if pair[0].found_in(rest)), (None, None))
    return rest, told if by in _CERTAIN or not _is_narrow(reading.finding) else None


def _recovers(rest: str, last_failure: int, reading: Reading, *, condition: bool) -> bool:
    """Whether a recovery is told after all that failed; a trace or a run's own code can't recover."""
    finding = reading.finding
    if "traceback" in rest or "caused by" in rest:
        return False
    if finding is not None and finding.sign is Sign.CODE and not condition and _decides(finding):
        return False
    told = _RECOVERED.finditer(rest)
    if not told:
        return False
    header = told[0].start() < _HEADER and condition
    return header or max(match.end() for match in told) > last_failure


def _stopped(rest: str, last_failure: int) -> Health | None:
    """Tell a stop on purpose, which may well be called a failure, but has no further cause."""
    for expression, health in ((_BY_PERSON, Health.CANCELLED), (_BY_POLICY, Health.STOPPED)):
        if expression.found_in(rest) and (
            last_failure < 0 or not _FAILURE.found_in(_STOP_WORDS.sub(" ", rest))
        ):
            return health
    return None


def _decides(finding: Finding | None) -> bool:
    """Whether a documented code or exception speaks of a failure; no word of success stands against it."""
    if finding is None or not finding.stated or finding.calm:
        return False
    return finding.named and finding.entry.breadth is not Breadth.WRAPPER


def _is_narrow(finding: Finding | None) -> bool:
    return (
        finding is not None
        and finding.stated
        and finding.entry.breadth is Breadth.NARROW
        and not finding.calm
    )


_HEADER: Final = 40
"""An alert that is over says so at its very start."""
