"""Failures as Data Factory and Synapse report them: chains, activities, data flows, notebooks."""

import pytest

from rca.catalog.coverage import references
from rca.domain.vocabulary import Category, Source
from tests.support.signs import signs

TYPE = "Type=Microsoft.DataTransfer.Common.Shared.HybridDeliveryException"
SQL = "Type=System.Data.SqlClient.SqlException"
CONNECT = "Cannot connect to SQL Database: 'sql-p.database.windows.net', Database: 'dwh', User: 'etl'."
OPERATION = "A database operation failed with the following error: 'see the inner error'"


def chain(code, message, inner="", kind=SQL):
    """Write a copy activity's error as the service does: the inner error stands behind two quotes."""
    tail = f",''{kind},Message={inner},Source=.Net SqlClient Data Provider," if inner else ","
    return f"ErrorCode={code},'{TYPE},Message={message},Source=Microsoft.DataTransfer.ClientLibrary{tail}'"


def copy_failed(text):
    """Write what the pipeline says of a copy activity, sides included."""
    return f"Operation on target cp_orders failed: Failure happened on 'Sink' side. {text}"


def read(message, code=None):
    finding = signs().read(Source.ADF, message, code).finding
    assert finding is not None, message
    return finding


INNER_DECIDES = [
    # the SQL error inside beats the wrapper
    ("SqlFailedToConnect", CONNECT,
     "Login failed for user "
     "'etl'.,SqlErrorNumber=18456,Class=14,ErrorCode=-2146232060", "authentication", False),
    ("SqlFailedToConnect", CONNECT,
     "Database 'dwh' on server 'sql-p' is not currently available.  Please retry the connection "
     "later.,SqlErrorNumber=40613",
     "platform", True),
    ("SqlFailedToConnect", CONNECT,
     "Cannot open server 'sql-p' requested by the login. Client with IP address '20.1.2.3' is not "
     "allowed to access "
     "the server.,SqlErrorNumber=40615", "network", False),
    ("SqlFailedToConnect", CONNECT,
     "Cannot open database \"stg\" requested by the login. The login failed.,SqlErrorNumber=4060",
     "resource_missing", False),
    ("SqlOperationFailed", OPERATION,
     "Transaction (Process ID 71) was deadlocked on lock resources with another process and has been "
     "chosen as the "
     "deadlock victim. Rerun the transaction.,SqlErrorNumber=1205", "capacity", True),
    ("SqlOperationFailed", OPERATION,
     "Invalid column name 'region_cd'.,SqlErrorNumber=207,Class=16", "schema", False),
    ("SqlOperationFailed", OPERATION,
     "Invalid object name 'stg.orders_v2'.,SqlErrorNumber=208,Class=16", "resource_missing", False),
    ("SqlOperationFailed", OPERATION,
     "String or binary data would be truncated.,SqlErrorNumber=8152,Class=16", "schema", False),
    ("SqlOperationFailed", OPERATION,
     "Violation of UNIQUE KEY constraint 'UQ_c'. Cannot insert duplicate key in object "
     "'dbo.c'.,SqlErrorNumber=2627",
     "data_quality", False),
    ("SqlOperationFailed", OPERATION,
     "The service has encountered an error processing your request. Please try again. Error code "
     "40197.,SqlErrorNumber=40197",
     "platform", True),
    ("SqlOperationFailed", OPERATION,
     "The service is currently busy. Retry the request after 10 "
     "seconds.,SqlErrorNumber=40501", "quota", True),
    ("SqlOperationFailed", OPERATION,
     "Resource ID : 1. The request limit for the database is 60 and has been "
     "reached.,SqlErrorNumber=10928", "quota", True),
    ("SqlOperationFailed", OPERATION,
     "Cannot process request. Not enough resources to process request.,SqlErrorNumber=49918", "quota", True),
    ("SqlOperationFailed", OPERATION,
     "The INSERT permission was denied on the object 'orders', database 'dwh', schema "
     "'dbo'.,SqlErrorNumber=229",
     "authorization", False),
    ("SqlOperationFailed", OPERATION,
     "Execution Timeout Expired.  The timeout period elapsed prior to completion of the operation or the "
     "server is not "
     "responding.,SqlErrorNumber=-2,Class=11", "timeout", False),
    ("SqlOperationFailed", OPERATION,
     "Incorrect syntax near 'FORM'.,SqlErrorNumber=102,Class=15", "code", False),
    ("FailedDbOperation", "Error happened when loading data into Azure Synapse Analytics.",
     "Error converting data type VARCHAR to DECIMAL.,SqlErrorNumber=8114", "data_quality", False),
    # the store's own code inside beats the connector's wrapper
    ("AdlsGen2OperationFailed", "ADLS Gen2 operation failed for: Operation returned an invalid status "
     "code 'Forbidden'. "
     "ErrorCode: 'AuthorizationPermissionMismatch'. Message: 'This request is not authorized to perform "
     "this operation "
     "using this permission.'.", "", "authorization", False),
    ("AdlsGen2OperationFailed", "ADLS Gen2 operation failed for: Operation returned an invalid status "
     "code 'NotFound'. "
     "ErrorCode: 'PathNotFound'. Message: 'The specified path does not "
     "exist.'.", "", "resource_missing", False),
    ("AzureBlobOperationFailed", "Blob operation Failed. ContainerName: landing, path: in/a.csv. The "
     "specified container "
     "does not exist. ErrorCode: ContainerNotFound.", "", "resource_missing", False),
    ("AzureBlobOperationFailed", "Blob operation Failed. Key based authentication is not permitted on "
     "this storage "
     "account. ErrorCode: KeyBasedAuthenticationNotPermitted.", "", "authentication", False),
    ("AzureBlobOperationFailed", "Blob operation Failed. This request is not authorized to perform this "
     "operation. "
     "ErrorCode: AuthorizationFailure.", "", "authorization", False),
    ("RestSourceCallFailed", "The HttpStatusCode 401 indicates failure. Request URL: "
     "https://api.example.com/v1/orders "
     "Response payload:{\"error\":\"invalid_token\"}", "", "authentication", False),
    ("RestSourceCallFailed", "The HttpStatusCode 429 indicates failure. Request URL: "
     "https://api.example.com/v1/orders "
     "Response payload:{}", "", "quota", True),
    ("RestSourceCallFailed", "The HttpStatusCode 503 indicates failure. Request URL: "
     "https://api.example.com/v1/orders "
     "Response payload:{}", "", "platform", True),
    ("SftpFailedToConnectToSftpServer", "Failed to connect to SFTP server 'sftp.example.com'. Server "
     "response does not "
     "contain SSH protocol identification.", "", "quota", True),
    ("ParquetJavaInvocationException", "An error occurred when invoking java, message: "
     "java.lang.OutOfMemoryError:Java "
     "heap space total entry:4 java.util.Arrays.copyOf.", "", "capacity", False),
]  # fmt: skip


@pytest.mark.parametrize(("code", "message", "inner", "category", "remediable"), INNER_DECIDES)
def test_the_inner_cause_decides_not_its_wrapper(code, message, inner, category, remediable):
    entry = read(copy_failed(chain(code, message, inner)), "2200").entry
    assert (entry.category, entry.remediable) == (Category(category), remediable)


REPORTED = [
    # activities of other services, with the number in a field of its own
    ("2402", "Execution fail against sql server. Please contact SQL Server team if you need further "
     "support. Sql error "
     "number: 8134. Error Message: Divide by zero error encountered.", "SqlDivideByZero", False),
    ("2402", "Execution fail against sql server. Sql error number: 1205. Error Message: Transaction "
     "(Process ID 9) was "
     "deadlocked on lock resources with another process.", "SqlDeadlockVictim", True),
    ("2108", "Error calling the endpoint 'https://fn.example.com/api/x'. Response status code: "
     "'Unauthorized'. More "
     "details: Exception message: 'Unauthorized'.", "HttpUnauthorized", False),
    ("2108", "Error calling the endpoint 'https://fn.example.com/api/x'. Response status code: 'NotFound'.",
     "HttpEndpointNotFound", False),
    ("2108", "Error calling the endpoint 'https://fn.example.com/api/x'. Response status code: 'BadGateway'.",
     "HttpServiceUnavailable", True),
    ("2108", "Error calling the endpoint 'https://fn.example.com/api/x'. Response status code: "
     "'InternalServerError'.",
     "InternalServerError", True),
    ("2108", "Error calling the endpoint 'https://fn.example.com/api/x'. Response status code: 'BadRequest'.",
     "HttpBadRequest", False),
    ("3608", "Call to provided Azure function 'enrich' failed with status-'Unauthorized' and message - ''.",
     "HttpUnauthorized", False),
    ("3608", "Call to provided Azure function 'enrich' failed with status-'GatewayTimeout' and message - ''.",
     "GatewayTimeout", True),
    ("3202", "There were already 1000 jobs created in past 3600 seconds, exceeding rate limit: 1000 job "
     "creations per "
     "3600 seconds.", "DataFlowThrottled", True),
    ("3202", "User: `SimpleUserContext{userId=7, name=svc, orgId=2}` is not authorized to access cluster.",
     "DatabricksClusterForbidden", False),
    ("4503", "There are substantial concurrent MappingDataflow executions which is causing failures due "
     "to throttling "
     "under subscription 'a', ActivityId: 'b'.", "DataFlowThrottled", True),
    ("2709", "The access token is from the wrong tenant.", "WrongTenantToken", False),
    ("2300", "Failed to submit the job 'j' to the cluster 'https://hdi.azurehdinsight.net/'. Error: "
     "Unable to service the "
     "submit job request as templeton service is busy with too many submit job "
     "requests.", "DataFlowThrottled", True),
    # mapping data flows
    (None, '{"StatusCode":"DF-Executor-OutOfMemoryError","Message":"Job failed due to reason: Cluster '
     'ran into out of '
     'memory issue during execution"}', "DF-Executor-OutOfMemoryError", False),
    (None, '{"StatusCode":"DFExecutorUserError","Message":"Job failed due to reason: at Source \'src\': '
     'shaded.msdataflow.com.microsoft.sqlserver.jdbc.SQLServerException: Login failed for user \'etl\'."}',
     "SqlLoginFailed", False),
    (None, '{"StatusCode":"DF-Executor-UserError","Message":"Job Failed due to reason: GetjobStatus, Job '
     'Failed - '
     'com.microsoft.dataflow.issues: '
     'DF-MICROSOFT365-CONSENTPENDING"}', "DF-MICROSOFT365-CONSENTPENDING", False),
    ("DF-Executor-DriverError", "INT96 is legacy timestamp type, which is not supported by ADF Dataflow.",
     "DF-Executor-DriverError", False),
    # notebooks and Spark jobs
    ("6002", "Failed to run notebook due to error: LIVY_JOB_STATE_DEAD", "LivyJobDead", False),
    (None, "ErrorCode: Spark_User_UserApp_KeyError, Message: KeyError: "
     "'order_id'", "Spark_User_UserApp_KeyError", False),
    (None, "InvalidHttpRequestToLivy: Your Spark job requested 56 vcores. However, the workspace has a "
     "50 core limit.",
     "SynapseCapacityExceeded", False),
    (None, "SparkJobDefinitionActionFailedWithUserError: Job failed during run time with state=[dead]. "
     "ModuleNotFoundError: No module named 'pyodbc'", "ModuleNotFoundError", False),
    # a wrapper that says nothing else stays what it is
    ("2200", "Activity failed", "CopyActivityFailed", False),
    ("3204", "Databricks execution failed with error state: Terminated.", "DatabricksExecutionFailed", False),
]  # fmt: skip


@pytest.mark.parametrize(("code", "message", "error_type", "remediable"), REPORTED)
def test_what_activities_report(code, message, error_type, remediable):
    finding = read(message, code)
    assert (finding.error_type, finding.entry.remediable) == (error_type, remediable)


PARAPHRASED = [
    ("The source folder for today is missing in the landing container", "resource_missing", False),
    ("No files were found matching orders_*.csv", "resource_missing", False),
    ("Integration runtime ir-hub cannot be reached: none of the nodes is connected", "dependency", False),
    ("The self-hosted integration runtime node ran out of memory while reading the file", "capacity", False),
    ("The SAS token used by the linked service has expired", "authentication", False),
    ("Credentials are expired for linked service ls_crm", "authentication", False),
    ("The managed private endpoint pe-sql is pending approval, its connection was "
     "rejected", "network", False),
    ("Request blocked by the storage firewall rules", "network", False),
    ("The dedicated SQL pool dwh is paused", "configuration", False),
    ("Parameter 'loadDate' was not provided", "configuration", False),
    ("Lookup activity result exceeded the size limit of 4194304", "configuration", False),
    ("The remote server returned an error: (429) Too Many Requests.", "quota", True),
    ("The pipeline run was cancelled by the operator", "cancelled", False),
    ("Source and sink row counts do not match", "data_quality", False),
    ("Row count check failed: expected at least 500 rows in mart.visits, found 0.", "data_quality", False),
    ("Pipeline pl_shop completed. Status: Succeeded. Duration: 00:06:12.", "cancelled", False),
    ("Activity 'archive' was skipped because its dependency condition was not met", "cancelled", False),
    ("ErrorCode=NewConnectorTableNotFound,Message=gone", "resource_missing", False),
    ("ErrorCode=NewConnectorAuthFailed,Message=refused", "authentication", False),
    ("Salesforce: INVALID_LOGIN: Invalid username, password, security token; or user locked "
     "out.", "authentication", False),
]  # fmt: skip


@pytest.mark.parametrize(("message", "category", "remediable"), PARAPHRASED)
def test_messages_without_a_code(message, category, remediable):
    entry = read(message).entry
    assert (entry.category, entry.remediable) == (Category(category), remediable)


PRECEDENCE = [
    # sign-in that mentions a time-out is sign-in
    (chain("SftpAuthenticationFailure", "Meet authentication failure when connect to Sftp server 's' "
     "using 'Basic'. The "
     "connection attempt timed out."), "authentication"),
    ("Login failed for user 'etl'. The connection timed out while waiting for a response.", "authentication"),
    # a runtime that is gone, and one that is full
    ("The Self-hosted Integration Runtime 'ir-a' is offline, the file could not be found", "dependency"),
    ("The integration runtime 'ir-a' is low on resources: node 'shir01' high memory", "capacity"),
    # rate limits and what is simply too small
    ("There are not enough resources available in the pool, details: 'requested 32 vcores'", "quota"),
    ("There are substantial concurrent external activity executions which is causing failures due to "
     "throttling", "quota"),
    # rights and firewalls
    ("Failed to get the secret from key vault, secretName: pw. Operation returned an invalid status code "
     "'Forbidden'.",
     "authorization"),
    ("Failed to get the secret from key vault, secretName: pw. Operation returned an invalid status code "
     "'NotFound'.",
     "resource_missing"),
    ("Failed to get the secret from key vault, secretName: pw. Status 'Forbidden'. Client address is not "
     "authorized and "
     "caller is not a trusted service. ForbiddenByFirewall", "network"),
    ("ErrorCode=AdlsGen2ForbiddenError,Message=ADLS Gen2 failed for forbidden: the account 'stlake' does "
     "not allow "
     "requests from this network.", "network"),
    # .NET says of a bad certificate that the authentication failed
    (chain("HttpRequestFailedWithClientError", "Failed to send request to the server "
     "'https://fx.example.org/v2'.",
           "The remote certificate is invalid: "
           "NotTimeValid.", "Type=System.Security.Authentication.AuthenticationException"),
     "network"),
    # a password that is wrong, on a share that timed out before
    (chain("InvalidLocalPathOrCredential", r"Cannot connect to '\\fs02\in'. Detail Message: The user "
     "name or password is "
     "incorrect. The previous session was disconnected because the connection timed out."), "authentication"),
    # a rate and an allowance that is used up
    (chain("RestCallFailedWithClientError", "Rest call failed with client error, status code 429. "
     "Response: Your plan "
     "includes 9000 calls per month. Upgrade your plan to continue."), "quota"),
    # an uncertain commit is not a mere network fault that may be repeated
    (chain("SqlBatchWriteTransactionFailed", "SQL transaction commits failed.", "A transport-level error "
     "has occurred "
     "when receiving results from the server."), "network"),
]  # fmt: skip


@pytest.mark.parametrize(("message", "category"), PRECEDENCE)
def test_the_more_telling_sign_wins(message, category):
    assert read(message).entry.category is Category(category)


NEVER_RETRIED = [
    chain("SqlBatchWriteTransactionFailed", "SQL transaction commits failed.",
          "A transport-level error has occurred when receiving results from the "
          "server.,SqlErrorNumber=10054"),
    chain("SqlBatchWriteTimeout", "Timeouts in SQL write operation."),
    "User admin is locked out in Ambari",
    "status code 429: Your plan includes 9000 calls per month. Upgrade your plan to continue.",
    "The spark job of Dataflow completed, but the runtime state is either null or still InProgress..",
    chain("DynamicsFailedToRequetServer", "The Dynamics server or the network is experiencing issues."),
    "Activity nb_train timed out after 0.12:00:00",
    "The custom setup script failed with exit code 127",
    "Cluster ran out of memory during execution",
]  # fmt: skip


@pytest.mark.parametrize("message", NEVER_RETRIED)
def test_what_may_have_taken_effect_or_would_fail_again_is_not_retried(message):
    assert not read(message).entry.remediable


PHRASES = [
    # what databases, stores and tools themselves say, where Data Factory only passes it on
    ("The remote server returned an error: (407) Proxy Authentication Required. Runtime shir-north",
     "ProxySignInRefused"),
    ("AADSTS50079: The user must enroll in multi-factor authentication", "MultiFactorAsked"),
    ("decrypt: gpg: encrypted with RSA key, ID 7A19C0DE; gpg: decryption failed: No secret key",
     "DecryptionKeyMissing"),
    ('22P05: character with byte sequence 0xe2 in encoding "UTF8" has no equivalent in encoding "LATIN1"',
     "TextNotDecodable"),
    ("MySqlException: Unknown or incorrect time zone: 'Europe/Kyiv'", "TimeZoneUnknown"),
    ("Table './shop/log' is marked as crashed and should be repaired", "TableDamaged"),
    ("MongoCursorNotFoundException: Cursor 7712 not found on server mongo-1:27017", "ServerCursorExpired"),
    ("RequestEntityTooLarge (413); Reason: Request size is too large; id 'cart-5'", "CosmosItemTooLarge"),
    ("E_QUERY_RESULT_SET_TOO_LARGE: the results of this query exceed the set limit", "KustoQueryLimit"),
    ("Mapping reference 'json_v1' of kind 'Json' in database 'iot' could not be found.",
     "PipelineReferenceMissing"),
    ("Azure Batch: the specified pool does not exist. PoolNotFound", "ActivityFilesMissing"),
    ("RegionCapExceededError: User subscription has 8 cores left, but resource creation needs 40 cores",
     "SubscriptionCoresExhausted"),
    ("Msg 15581: Please create a master key in the database", "StagingConfigurationInvalid"),
    ('the file "a.parquet" could not be opened. Operating system error code 5(Access is denied.).',
     "FilePermissionDenied"),
    ("AuthenticationException: The remote certificate is invalid: RemoteCertificateNameMismatch",
     "TlsNegotiationFailed"),
    ("[Error 2646] No more spool space in svc_load.", "DatabaseFull"),
    ("Espace insuffisant sur le disque D: du noeud ir-lyon-2", "DataFlowDiskFull"),
    ("The maximum recursion 100 has been exhausted before statement completion.", "SqlStoredProcedureInvalid"),
    ("Until activity 'wait_model' timed out after 0.04:00:00", "WaitingActivityTimedOut"),
    ("Dependency trigger 'tr_base' window did not succeed (Failed)", "TriggerDependencyFailed"),
    ("In function 'formatDateTime', the value provided was not valid. The datetime string must match "
     "ISO 8601 format.", "InvalidExpression"),
    ("Exception while executing function: ConvertXml Result: Failure Exception: KeyError: 'orderId'",
     "FunctionOrScriptFailed"),
]  # fmt: skip


@pytest.mark.parametrize(("message", "error_type"), PHRASES)
def test_what_the_systems_behind_it_say(message, error_type):
    assert read(message).entry.error_type == error_type


def test_a_file_that_another_program_writes_is_asked_for_again():
    entry = read(
        "The process cannot access the file 'Z:\\b.csv' because it is being used by another process."
    ).entry
    assert (entry.category, entry.remediable) == (Category.DEPENDENCY, True)


NEAR_MISSES = [
    ("exit code 127: command not found", "InternalServerError"),
    ("Response status code: 207", "HDInsightOnDemandSetup"),
    ("Copied 208 rows; the row count check failed", "SqlObjectNotFound"),
    ("Loaded 40613 rows before the operator stopped the pipeline", "DatabaseUnavailable"),
    ("The column timeout_seconds is not match given column type", "ActivityTimeout"),
    ("Trigger tr_daily ran, then the notebook raised ValueError: paused", "DatabasePaused"),
]


@pytest.mark.parametrize(("message", "error_type"), NEAR_MISSES)
def test_numbers_and_words_that_only_look_alike(message, error_type):
    finding = signs().read(Source.ADF, message).finding
    assert finding is None or finding.entry.error_type != error_type


CAPTURED = [
    (chain("UserErrorFileNotFound", "The required Blob is missing. ContainerName: landing, path: "
     "in/2026/a.csv."),
     "file", "in/2026/a.csv"),
    (chain("DelimitedTextMoreColumnsThanDefined", "Error found when processing 'Csv/Tsv Format Text' "
     "source 'a.csv' with "
     "row number 77: found more columns than expected column count: 9."), "line", "77"),
    (chain("SqlOperationFailed", "A database operation failed.", "Invalid object name "
     "'stg.orders_v2'.,SqlErrorNumber=208"),
     "object", "stg.orders_v2"),
    ("The Self-hosted Integration Runtime 'ir-hub' is offline", "runtime", "ir-hub"),
    ("Login failed for user 'etl_prod'. SqlErrorNumber=18456", "account", "etl_prod"),
    ("Operation on target until_export_ready failed: Until activity exceeded its configured timeout of "
     "0.06:00:00", "activity", "until_export_ready"),
    ("Mapping reference 'csv_v3' of kind 'Csv' in database 'grid' could not be found.", "object", "csv_v3"),
    ("MongoCursorNotFoundException: Cursor 51 not found on server mongo-1:27017", "host", "mongo-1:27017"),
    ("MERGE failed: Cannot insert duplicate key row in object 'dbo.dim_time'", "table", "dbo.dim_time"),
]  # fmt: skip


@pytest.mark.parametrize(("message", "name", "value"), CAPTURED)
def test_names_are_picked_out_of_the_message(message, name, value):
    assert read(message).captured[name] == value


DOCUMENTED = [
    pytest.param(code, id=f"{number}-{code}")
    for number, reference in enumerate(references())
    if reference.group == "adf"
    for code in reference.names
]


@pytest.mark.parametrize("code", DOCUMENTED)
def test_every_documented_code_is_recognised_by_itself(code):
    finding = read("", code)
    assert finding.name.lower() == code.lower()
    assert finding.entry.group in {"adf", "general"}
