"""What the catalog makes of Prometheus alerts, by their name and, where it is unknown, by their words."""

import pytest

from rca.catalog.coverage import coverage, references
from rca.domain.vocabulary import Category, Severity, Source
from tests.support.signs import signs

GROUP = "prometheus"


def found(message, code=None, source=Source.PROMETHEUS):
    finding = signs().read(source, message, code).finding
    assert finding is not None, message
    return finding


def fires(name, resource, text):
    return f"{name} fires for {resource}: {text}"


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("KubePodCrashLooping", "code"),
        ("KubeContainerOOMKilledCount", "capacity"),
        ("KubePVUsageHigh", "capacity"),
        ("KubeJobStale", "timeout"),
        ("MysqlSlaveReplicationLag", "capacity"),
        ("PostgresqlUnusedReplicationSlot", "configuration"),
        ("PostgresqlDeadLocks", "capacity"),
        ("MongodbReplicaMemberUnhealthy", "platform"),
        ("RabbitmqNoConsumer", "dependency"),
        ("RabbitmqClusterPartition", "network"),
        ("KafkaUnderReplicatedPartitionCount", "platform"),
        ("ElasticsearchClusterRed", "platform"),
        ("ElasticsearchDiskOutOfSpace", "capacity"),
        ("JvmThreadsDeadlocked", "code"),
        ("NginxHighHttp4xxErrorRate", "configuration"),
        ("NginxHighHttp5xxErrorRate", "dependency"),
        ("HaproxyHasNoAliveBackends", "dependency"),
        ("ArgoCdAppOutOfSync", "configuration"),
        ("AzureApiReadRateLimitApproaching", "quota"),
        ("CassandraAuthenticationFailures", "authentication"),
        ("ClusterAutoscalerUnschedulablePods", "capacity"),
        ("KedaScaledObjectErrors", "configuration"),
        ("VaultSealed", "platform"),
        ("FlinkNoTaskmanagersRegistered", "platform"),
        ("ApacheAirflowStarvingPoolTasks", "capacity"),
        ("MemcachedConnectionLimitApproaching(>80%)", "capacity"),
    ],
)
def test_known_names_need_no_words(name, category):
    finding = found("", name)
    assert (finding.entry.group, finding.entry.category) == (GROUP, Category(category))


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("Pod pier/ticketing-7c9d has restarted 23 times within the last hour", "code"),
        ("container collector of pod pier/ticketing-7c9d is in CrashLoopBackOff", "code"),
        ("Container solver in pod models/berth-0 was OOMKilled", "capacity"),
        ("the image registry.example.net/solver:4 can't be pulled (ImagePullBackOff)", "resource_missing"),
        (
            "the pull of solver:4 broke off: failed to authorize: failed to fetch oauth token",
            "authentication",
        ),
        ("Disk /var/lib/data on buoy-3 will be full within 6 hours", "capacity"),
        ("only 4% of space is left on /data", "capacity"),
        ("inodes of /var are almost exhausted", "capacity"),
        ("Memory usage of buoy-3 is above 95%", "capacity"),
        ("CPU utilization has been over 90% for half an hour", "capacity"),
        ("p99 latency of the berth search exceeds 2s", "capacity"),
        ("9% of the requests fail with 5xx", "dependency"),
        ("Replication lag of replica berth-ro-2 is 740 seconds", "capacity"),
        ("the raft group lost quorum", "platform"),
        ("consumer group manifest-loader lags 90210 messages behind", "capacity"),
        ("queue manifests.in has no consumers", "dependency"),
        ("88% of the connections are in use", "capacity"),
        ("The TLS certificate of quay.example.net expires in 3 days", "network"),
        ("the probe of https://quay.example.net/health failed", "network"),
        ("the metadata database has been down for 4 minutes", "platform"),
        ("node aks-pier-4 is NotReady", "platform"),
        ("Node aks-pier-4 has DiskPressure condition", "capacity"),
        ("StatefulSet models/berth has not matched the expected number of replicas", "capacity"),
        ("Job models/refit is taking more than 12h to complete", "timeout"),
        (
            "Rollout of deployment pier/ticketing is not progressing for longer than 15 minutes",
            "configuration",
        ),
        ("Configuration reload has failed on gateway-1", "configuration"),
        ("clock skew of 9 seconds", "configuration"),
        ("RAID array md1 lost a disk", "platform"),
        ("table gold.sailings has not been updated for 14 hours", "dependency"),
        ("3 under-replicated partitions on bus-2", "platform"),
        ("2 unhealthy targets behind the balancer", "dependency"),
    ],
)
def test_alerts_of_unknown_name_are_read_by_their_words(text, category):
    message = fires("PierWatch17", "pier/ticketing", text)
    finding = found(message, "PierWatch17")
    assert finding.entry.category is Category(category), finding.error_type


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "Watchdog",
            "An alert that should always be firing to certify that Alertmanager is working properly.",
        ),
        ("InfoInhibitor", "Info-level alert inhibition."),
        ("DeadMansSwitch", "the pipeline of alerts is alive"),
        ("PierHeartbeat", "This is an always-firing alert"),
        ("HostCpuIsUnderutilized", "CPU load has been below 20% for a week"),
        ("KubernetesCronjobSuspended", "CronJob models/refit is suspended"),
    ],
)
def test_what_is_no_incident(name, text):
    entry = found(fires(name, "monitoring", text), name).entry
    assert (entry.category, entry.severity) == (Category.CANCELLED, Severity.LOW)


@pytest.mark.parametrize(
    ("name", "text", "category"),
    [
        # the name says what is wrong; its words mention something else
        ("PostgresqlReplicationLag", "replication lag grows since CPU usage is above 90%", "capacity"),
        ("CertificateExpiry", "the certificate expires soon, clients will see connection errors", "network"),
        ("KubeJobFailed", "Job models/refit failed to complete; memory usage was high", "code"),
        # what the words name outright is nearer to the cause than a name that only counts restarts
        ("KubePodCrashLooping", "container solver is crash looping, last state OOMKilled", "capacity"),
        (
            "KubeContainerWaiting",
            "the pull of acme/solver broke off: no basic auth credentials",
            "authentication",
        ),
        ("BackupFailed", "the backup failed: no space left on device", "capacity"),
    ],
)
def test_precedence(name, text, category):
    assert found(fires(name, "pier/x", text), name).entry.category is Category(category)


def test_an_error_rate_of_clients_is_not_one_of_the_service():
    assert (
        found(fires("PierRejects", "pier", "22% of the answers are 4xx")).error_type == "HighClientErrorRate"
    )
    assert (
        found(fires("PierFails", "pier", "22% of the answers are 5xx")).error_type
        == "ErrorRateAboveObjective"
    )


@pytest.mark.parametrize("source", [Source.ADF, Source.DATABRICKS_JOB, Source.AIRFLOW])
@pytest.mark.parametrize(
    "message",
    [
        "Traceback (most recent call last):\n  File \"a.py\", line 3, in f\nacme.TideError: memory usage is above 80%",
        "acme.berth.PlanException: CPU utilization is high and the queue is full",
        "the ferry sailed at noon",
    ],
)  # fmt: skip
def test_the_words_of_alerts_do_not_explain_programs(source, message):
    finding = signs().read(source, message).finding
    assert finding is None or finding.entry.group != GROUP


def test_a_condition_has_nothing_to_retry():
    assert not [entry.error_type for entry in signs().entries if entry.group == GROUP and entry.remediable]


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("Pod pier/ticketing-7c9d has restarted 23 times", "pod", "pier/ticketing-7c9d"),
        ("Disk mounted on /var/lib/data is almost full", "mount", "/var/lib/data"),
        ("consumer group manifest-loader lags 90210 messages behind topic manifests", "queue", "manifests"),
        ("The certificate for quay.example.net expires in 3 days", "host", "quay.example.net"),
        (
            "the probe of https://quay.example.net/health failed",
            "endpoint",
            "https://quay.example.net/health",
        ),
    ],
)
def test_names_are_captured(text, name, value):
    assert found(fires("PierWatch17", "pier", text)).captured[name] == value


def test_every_listed_alert_is_known():
    rows = [row for row in coverage(signs().entries, references()) if row.reference.group == GROUP]
    assert sum(row.total for row in rows) > 800
    assert {row.reference.name: row.missing for row in rows if row.missing} == {}


@pytest.mark.parametrize(
    ("message", "category"),
    [
        (
            "GateStuck: Pod ml/scorer-1: Back-off pulling image: unauthorized: authentication required",
            "authentication",
        ),
        (
            "AlertmanagerFailedToSendAlerts: failed to send 100% of notifications to slack: invalid_auth",
            "authentication",
        ),
        (
            "PrometheusRemoteWriteBehind: 429 Too Many Requests: ingestion rate limit (50000) exceeded",
            "quota",
        ),
        (
            "ConnectFailed: Connector s3-sink failed: Caused by: AmazonS3Exception: Access Denied (403)",
            "authorization",
        ),
        ("QuotaNotice: For information only: namespace demo is using 91% of its pods quota", "cancelled"),
    ],
)
def test_a_cause_that_an_alert_names_goes_before_its_symptom(message, category):
    assert found(message).entry.category is Category(category)


@pytest.mark.parametrize(
    ("message", "category"),
    [
        ("Deployment checkout/cart has 1 of 4 replicas available for 20 minutes", "capacity"),
        ("PVC search/es-2 is Pending: no storage class named fast-ssd", "resource_missing"),
        ("Null rate of column email in stg.customers is 14%, threshold 1%", "data_quality"),
        ("Queue invoices-dlq holds 4,120 messages in the dead-letter queue", "data_quality"),
        ("filesystem was remounted read-only", "platform"),
        ("App registration etl-sp has a secret that expires on 2026-11-26", "authentication"),
        ("gw-1.example.com has not answered pings for 10 minutes; VPN tunnel 7 is down", "network"),
        ("payroll file not delivered by 18:00", "dependency"),
        ("Namespace ml-train has cost 1,910 EUR since midnight (usual 450)", "quota"),
        ("3 DAG files can't be imported", "code"),
    ],
)
def test_words_of_a_teams_own_rules(message, category):
    assert found(message).entry.category is Category(category)


@pytest.mark.parametrize(
    ("description", "category"),
    [
        ("Kubelet has disappeared from Prometheus target discovery on cluster aks-1.", "platform"),
        ("The API server is burning too much error budget on cluster aks-1.", "platform"),
        ("3 Pods of DaemonSet net/cni are running where they are not supposed to run", "configuration"),
        ("A client certificate used to authenticate to the apiserver expires in 6 h.", "authentication"),
        ("Prometheus m/p-0 is dropping 3 samples/s with timestamps arriving out of order.", "configuration"),
        ('pod/a-0 has been in waiting state: Back-off pulling image "r.example.com/a:1"', "resource_missing"),
        ('MountVolume.SetUp failed for volume "tls" : secret "loader-tls" not found', "resource_missing"),
    ],
)
def test_the_descriptions_of_known_rules_are_read_without_the_alerts_name(description, category):
    assert found(description).entry.category is Category(category)
