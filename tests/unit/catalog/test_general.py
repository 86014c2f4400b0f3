# ruff: noqa: E501 - messages stand as their systems write them
"""Realistic messages of all kinds of systems, and what an engineer would have to change."""

import pytest

from rca.catalog.loader import load_directory
from rca.catalog.matcher import Catalog, group_of
from rca.domain.vocabulary import Source

ENTRIES = load_directory()
BOOK = Catalog(ENTRIES)

MESSAGES = [
    # SQL Server
    ("Msg 18456, Level 14, State 1: Login failed for user 'etl'.", "authentication", False),
    ("Anmeldung für den Benutzer 'etl' fehlgeschlagen. (Microsoft SQL Server, Fehler: 18456)", "authentication", False),
    ("pyodbc.InterfaceError: ('28000', \"[28000] [Microsoft][ODBC Driver 18 for SQL Server][SQL Server]Login failed (18456) (SQLDriverConnect)\")", "authentication", False),
    ("System.Data.SqlClient.SqlException (0x80131904): Invalid object name 'dbo.orders'. Error Number:208,State:1,Class:16", "resource_missing", False),
    ("Msg 2627, Level 14: Violation of PRIMARY KEY constraint 'PK_o'. Cannot insert duplicate key in object 'dbo.o'.", "data_quality", False),
    ("Msg 8152, Level 16, State 14: String or binary data would be truncated.", "schema", False),
    ("Error: 9002, Severity: 17, State: 4. The transaction log for database 'dwh' is full due to 'LOG_BACKUP'.", "capacity", False),
    ("Transaction (Process ID 71) was deadlocked on lock resources and has been chosen as the deadlock victim.", "capacity", True),
    ("Cannot open server 'sql-x' requested by the login. Client with IP address '10.0.0.4' is not allowed to access the server.", "network", False),
    ("SqlErrorNumber=10928: Resource ID : 1. The request limit for the database is 200 and has been reached.", ("capacity", "quota"), True),
    ("Execution Timeout Expired. The timeout period elapsed prior to completion of the operation", "timeout", False),
    # PostgreSQL
    ("FATAL: Passwort-Authentifizierung für Benutzer »etl« fehlgeschlagen", "authentication", False),
    ("FATAL:  password authentication failed for user \"etl\"", "authentication", False),
    ("ERROR: 42P01: relation \"stg.orders\" does not exist", "resource_missing", False),
    ("ERREUR:  la relation « stg.orders » n'existe pas SQLSTATE 42P01", "resource_missing", False),
    ("ERROR: no existe la columna «importe» (SQLSTATE 42703)", "schema", False),
    ("psycopg2.errors.NotNullViolation: null value in column \"id\" violates not-null constraint", "data_quality", False),
    ("ERROR:  canceling statement due to statement timeout SQLSTATE: 57014", "timeout", False),
    ("FATAL: sorry, too many clients already (SQLSTATE 53300)", "capacity", None),
    ("org.postgresql.util.PSQLException: ERROR: deadlock detected", "capacity", True),
    ("FATAL: no pg_hba.conf entry for host \"10.0.0.4\", user \"etl\", database \"dwh\", SSL off", "network", False),
    ("ERROR: could not extend file \"base/1/2\": No space left on device", "capacity", False),
    ("ERROR: permission denied for schema gold (SQLSTATE 42501)", "authorization", False),
    # MySQL
    ("ERROR 1045 (28000): Access denied for user 'etl'@'10.0.0.4' (using password: YES)", "authentication", False),
    ("pymysql.err.OperationalError: (1213, 'Deadlock found when trying to get lock; try restarting transaction')", "capacity", True),
    ("pymysql.err.DataError: (1406, \"Data too long for column 'city' at row 1\")", "schema", False),
    ("pymysql.err.IntegrityError: (1062, \"Duplicate entry '42' for key 'PRIMARY'\")", "data_quality", False),
    ("ERROR 1142 (42000): SELECT command denied to user 'etl'@'%' for table 'orders'", "authorization", False),
    ("MySQLdb.OperationalError: (1054, \"Unknown column 'x' in 'field list'\")", "schema", False),
    # Oracle
    ("ORA-01017: nom utilisateur/mot de passe non valide ; connexion refusée", "authentication", False),
    ("ORA-28000: das Konto ist gesperrt", "authentication", False),
    ("ORA-00942: Tabelle oder View nicht vorhanden", "resource_missing", False),
    ("ORA-12541: TNS:no listener", "network", True),
    ("ORA-01555: snapshot too old", "capacity", False),
    ("ORA-00001: unique constraint (DWH.PK_ORDERS) violated", "data_quality", False),
    ("ORA-12899: Wert zu groß für Spalte \"DWH\".\"CITY\"", "schema", False),
    ("ORA-01722: número no válido", "data_quality", False),
    ("ORA-00933: SQL command not properly ended", "code", False),
    ("ORA-01653: unable to extend table DWH.ORDERS by 128 in tablespace USERS", "capacity", False),
    # Snowflake, Teradata, DB2, BigQuery, Mongo, Redis, Cassandra, Elasticsearch
    ("snowflake.connector.errors.DatabaseError: 390100 (08004): Incorrect username or password was specified.", "authentication", False),
    ("snowflake.connector.errors.ProgrammingError: 002003 (42S02): SQL compilation error: Object 'ORDERS' does not exist or not authorized.", "resource_missing", False),
    ("[Teradata Database] [Error 8017] The UserId, Password or Account is invalid.", "authentication", False),
    ("[Teradata Database] [Error 3807] Object 'dwh.orders' does not exist.", "resource_missing", False),
    ("DB2 SQL Error: SQLCODE=-551, SQLSTATE=42501, SQLERRMC=ETL;SELECT;DWH.ORDERS", "authorization", False),
    ("DB2 SQL Error: SQLCODE=-911, SQLSTATE=40001, SQLERRMC=2", "capacity", True),
    ("google.api_core.exceptions.Forbidden: 403 Access Denied: Table p:d.t: User does not have permission", "authorization", False),
    ("google.api_core.exceptions.NotFound: 404 Not found: Table p:d.t was not found in location EU", "resource_missing", False),
    ("google.api_core.exceptions.TooManyRequests: 429 Exceeded rate limits: too many table update operations", "quota", True),
    ("pymongo.errors.ServerSelectionTimeoutError: mongo-1:27017: [Errno 111] Connection refused", "network", True),
    ("pymongo.errors.DuplicateKeyError: E11000 duplicate key error collection: dwh.orders", "data_quality", False),
    ("redis.exceptions.AuthenticationError: WRONGPASS invalid username-password pair or user is disabled.", "authentication", False),
    ("redis.exceptions.ReadOnlyError: READONLY You can't write against a read only replica.", "configuration", False),
    ("cluster_block_exception: index [orders] blocked by: [FORBIDDEN/12/disk usage exceeded flood-stage watermark, index has read-only-allow-delete block]", "capacity", False),
    # HTTP and gRPC
    ("requests.exceptions.HTTPError: 401 Client Error: Unauthorized for url: https://api.example.com/v1", "authentication", False),
    ("httpx.HTTPStatusError: Client error '403 Forbidden' for url 'https://api.example.com'", "authorization", False),
    ("aiohttp.client_exceptions.ClientResponseError: 404, message='Not Found', url='https://api.example.com'", "resource_missing", False),
    ("AxiosError: Request failed with status code 429", "quota", True),
    ("urllib.error.HTTPError: HTTP Error 502: Bad Gateway", "platform", True),
    ("Server responded with status code 504", "timeout", True),
    ("grpc._channel._InactiveRpcError: <_InactiveRpcError of RPC that terminated with: status = StatusCode.UNAVAILABLE details = \"failed to connect to all addresses\">", ("network", "platform"), True),
    ("rpc error: code = Unauthenticated desc = token has expired", "authentication", False),
    ("requests.exceptions.SSLError: HTTPSConnectionPool(host='api.example.com', port=443): Max retries exceeded (Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate')))", "network", False),
    ("requests.exceptions.ConnectionError: HTTPSConnectionPool(host='api.example.com', port=443): Max retries exceeded with url: /v1 (Caused by NameResolutionError(\"<urllib3.connection.HTTPSConnection object>: Failed to resolve 'api.example.com' ([Errno -2] Name or service not known)\"))", "network", False),
    ("requests.exceptions.ConnectionError: ('Connection aborted.', RemoteDisconnected('Remote end closed connection without response'))", "network", True),
    # AWS, GCP, Azure
    ("botocore.exceptions.ClientError: An error occurred (AccessDenied) when calling the GetObject operation: Access Denied", "authorization", False),
    ("botocore.exceptions.ClientError: An error occurred (ExpiredToken) when calling the PutObject operation: The provided token has expired.", "authentication", False),
    ("botocore.exceptions.ClientError: An error occurred (NoSuchKey) when calling the GetObject operation: The specified key does not exist.", "resource_missing", False),
    ("botocore.exceptions.ClientError: An error occurred (ThrottlingException) when calling the StartJobRun operation: Rate exceeded", "quota", True),
    ("An error occurred (SlowDown) when calling the PutObject operation (reached max retries: 4): Please reduce your request rate.", "quota", True),
    ("<Error><Code>SignatureDoesNotMatch</Code><Message>x</Message></Error>", "authentication", False),
    ("An error occurred (InsufficientInstanceCapacity) when calling the RunInstances operation", "capacity", True),
    ("An error occurred (VcpuLimitExceeded) when calling the RunInstances operation", "quota", False),
    ("botocore.exceptions.NoCredentialsError: Unable to locate credentials", "authentication", False),
    ("{\"error\": {\"code\": 403, \"errors\": [{\"reason\": \"rateLimitExceeded\"}]}}", "quota", True),
    ("{\"error\": {\"code\": 400, \"errors\": [{\"reason\": \"resourcesExceeded\"}]}}", "capacity", False),
    ("azure.core.exceptions.HttpResponseError: (AuthorizationFailed) The client 'x' does not have authorization\nCode: AuthorizationFailed", "authorization", False),
    ("Code: RequestDisallowedByPolicy. Message: Resource 'vm1' was disallowed by policy.", "authorization", False),
    ("(SkuNotAvailable) The requested size for resource is currently not available in location 'westeurope'", "capacity", None),
    ("Code: QuotaExceeded. Operation could not be completed as it results in exceeding approved Total Regional Cores quota.", "quota", False),
    ("AADSTS7000222: The provided client secret keys for app 'x' are expired.", "authentication", False),
    ("AADSTS999999: something new", "authentication", False),
    ("Azure.RequestFailedException: Caller is not authorized to perform action on resource. Status: 403 (Forbidden) ErrorCode: Forbidden", "authorization", False),
    ("A secret with (name/id) dwh-password was not found in this key vault.", "resource_missing", False),
    ("Microsoft.Azure.Cosmos.CosmosException : Response status code does not indicate success: TooManyRequests (429); Substatus: 3200; Request rate is large.", "quota", True),
    # Kubernetes, exit codes, errno
    ("Container loader terminated: OOMKilled, exit code 137", "capacity", False),
    ("Process exited with code 139", "dependency", False),
    ("0/6 nodes are available: 6 Insufficient cpu.", "capacity", False),
    ("pods \"x\" is forbidden: exceeded quota: compute, requested: cpu=2, used: cpu=8, limited: cpu=8", "quota", False),
    ("pods is forbidden: User \"system:serviceaccount:data:runner\" cannot create resource \"pods\"", "authorization", False),
    ("OSError: [Errno 28] No space left on device", "capacity", False),
    ("Error: connect ECONNREFUSED 10.0.0.4:5432", "network", True),
    ("Error: EACCES: permission denied, open '/data/x'", "authorization", False),
    ("write EPIPE", "network", True),
    ("Error: EMFILE, too many open files", "capacity", False),
    ("java.io.FileNotFoundException: /data/out.csv (Permission denied)", "authorization", False),
    ("java.io.IOException: Too many open files", "capacity", False),
    # Azure Monitor's own
    ("Alert dwu-high fired: dtu_consumption_percent Average 99 GreaterThan 90 on databases/sqldb-a (PT5M)", "capacity", False),
    ("ArpAvailability Average 0 LessThan 100, ExpressRoute circuit er-1", "network", False),
    ("Put token failed. status-code: 401, status-description: InvalidSignature", "authentication", False),
    ("Container job-x_0 for site job-x did not respond to HTTP pings on port: 8000, failing site start", "configuration", False),
    ("fatal: Remote branch hotfix-1 not found in upstream origin", "resource_missing", False),
    ("Connection to pg-prod:5432 refused", "network", True),
    ("The request was refused: firewall of account stlake blocks this network (AuthorizationFailure)", "network", False),
    ("google.api_core.exceptions.Forbidden: 403 Exceeded rate limits: too many table update operations", "quota", True),
    ("ORA-00054: resource busy and acquire with NOWAIT specified\nORA-06512: at \"DWH.P\", line 2", "capacity", True),
    # code, data, dependency
    ("KeyError: 'customer_id'", "code", False),
    ("ValueError: could not convert string to float: 'abc'", "data_quality", False),
    ("ValueError: too many values to unpack (expected 2)", "code", False),
    ("java.lang.NoSuchMethodError: 'void com.fasterxml.jackson.X.y()'", "dependency", False),
    ("ImportError: libodbc.so.2: cannot open shared object file: No such file or directory", "dependency", False),
    ("System.NullReferenceException: Object reference not set to an instance of an object.", "code", False),
    ("panic: runtime error: index out of range [5] with length 3", "code", False),
    ("TypeError: Cannot read properties of undefined (reading 'id')", "code", False),
    ("UnicodeDecodeError: 'utf-8' codec can't decode byte 0xe4 in position 12", "data_quality", False),
    ("pyarrow.lib.ArrowInvalid: Could not open Parquet input source: Parquet magic bytes not found in footer.", "data_quality", False),
    ("ERROR: Could not find a version that satisfies the requirement pandas==9.9", "dependency", False),
    ("Compilation Error in model fct_orders (models/fct_orders.sql) 'ref_date' is undefined", "code", False),
    ("Failure in test unique_orders_id (models/schema.yml) Got 3 results, configured to fail if != 0", "data_quality", False),
    ("Host key verification failed.", "configuration", False),
    ("smtplib.SMTPAuthenticationError: (535, b'5.7.8 Authentication credentials invalid')", "authentication", False),
    ("The connection was broken while committing the transaction; the commit state is unknown.", "network", False),
    # other languages
    ("Zugriff verweigert: Die Datei wird nicht freigegeben", "authorization", False),
    ("Die Verbindung wurde vom Remotehost zurückgesetzt.", "network", None),
    ("接続がタイムアウトしました", ("network", "timeout"), None),
    ("ユーザー 'etl' はログインできませんでした。(Microsoft SQL Server, エラー: 18456)", "authentication", False),
    ("用户 'etl' 登录失败。", "authentication", False),
    ("Le fichier spécifié est introuvable : /data/clients.csv", "resource_missing", False),
    ("Error de inicio de sesión del usuario 'etl'.", "authentication", False),
    ("Falha de logon do usuário 'etl'.", "authentication", False),
    ("Espacio insuficiente en el disco", "capacity", False),
    ("Mémoire insuffisante pour terminer l'opération", "capacity", False),
    ("Se agotó el tiempo de espera de la conexión", ("timeout", "network"), None),
    ("Nome de coluna 'valor' inválido.", "schema", False),
    ("Violation de contrainte PRIMARY KEY « PK_o ». Impossible d'insérer une clé dupliquée.", "data_quality", False),
    ("内存不足", "capacity", False),
]  # fmt: skip


@pytest.mark.parametrize("source", [Source.ADF, Source.DATABRICKS_JOB, Source.AIRFLOW, Source.AZURE_MONITOR])
@pytest.mark.parametrize(("message", "category", "remediable"), MESSAGES, ids=lambda value: str(value)[:60])
def test_the_category_names_what_has_to_change(source, message, category, remediable):
    finding = BOOK.read(source, message).finding
    assert finding is not None
    assert finding.entry.category in (category if isinstance(category, tuple) else (category,))
    if remediable is not None:
        assert finding.entry.remediable is remediable


def test_what_one_platform_quotes_of_another_is_read_alike():
    """A pipeline that starts a job reports its error: category and safety of a retry must survive that."""
    read = wrong = unsafe = 0
    for entry in ENTRIES:
        for example in entry.examples:
            if entry.group == "prometheus" or len(example.message) < 25:
                continue
            for source in (Source.ADF, Source.AIRFLOW, Source.DATABRICKS_JOB):
                if group_of(source) == entry.group:
                    continue
                finding = BOOK.read(source, example.message).finding
                read += 1
                wrong += finding is not None and finding.entry.category is not entry.category
                unsafe += (
                    finding is not None
                    and finding.entry.remediable
                    and not entry.remediable
                    and finding.stated
                )
    assert read > 1_000
    assert wrong / read < 0.06
    assert unsafe / read < 0.015
