"""One made-up secret of every kind, in the text around it, and the part of it that must not be seen again."""

from __future__ import annotations

import json

# Nothing here opens anything: the values are made up, and joined so that secret scanners stay calm.
HEX32 = "0123456789abcdef" * 2
KEY64 = "Zm9v" * 21 + "YQ" + "=="
JWT = "eyJ" + "hbGciOiJIUzI1NiJ9.eyJ" + "zdWIiOiIxMjM0In0.c2lnbmF0dXJlc2lnbmF0dXJl"
PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSjAgEAAoIBAQC7\n-----END PRIVATE KEY-----"
AWS_ID = "AKIA" + "IOSFODNN7EXAMPLE"
SLACK = "xoxb-" + "123456789012-abcdefABCDEF"
GITHUB = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
ATLASSIAN = "ATATT3" + "xFfGF0abcdefghijklmnopqrstuvwxyz=1A2B3C4D"
ENTRA = "abc8Q~" + "dEfGhIjKlMnOpQrStUvWxYz0123456789"
FUNCTION_KEY = "q4Xb9_" + "Hk2mVnR7tYcPz0LwEsDfGjKaUiOoBvNxMlQrTyWzAzFuZXcVbN==" + ""

SECRETS: dict[str, tuple[str, str]] = {
    "storage connection string": (
        f"DefaultEndpointsProtocol=https;AccountName=stdata;AccountKey={KEY64};EndpointSuffix=core.windows.net",
        KEY64,
    ),
    "service bus connection string": (
        "Endpoint=sb://ns.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=abcDEF123+/xyz=",
        "abcDEF123+/xyz=",
    ),
    "bare storage key": (f"the key {KEY64} was rejected", KEY64),
    "sas in a url": (
        "https://st.blob.core.windows.net/c/b.csv?sv=2024-11-04&sr=b&sig=aB%2Bc%2Fd123456789%3D&se=2026-12-01",
        "aB%2Bc%2Fd123456789%3D",
    ),
    "sas escaped in json": (r'{"url":"https://x/?sv=1\u0026sig=abcDEF0123456789"}', "abcDEF0123456789"),
    "sas in html": ("?sv=1&amp;sig=abcDEF0123456789&amp;se=2", "abcDEF0123456789"),
    "sas url-encoded": ("redirect=https%3A%2F%2Fx%3Fsv%3D1%26sig%3DabcDEF0123456789", "abcDEF0123456789"),
    "shared access signature": (
        "BlobEndpoint=https://x/;SharedAccessSignature=sv=2024&ss=b&sig=zzz111yyy222",
        "zzz111yyy222",
    ),
    "jwt": (f"rejected {JWT}.", JWT.split(".")[2]),
    "jwt cut off": (f"rejected {JWT[:40]}", JWT[25:40]),
    "bearer": ("Authorization: Bearer abcdef123456ghijkl", "abcdef123456ghijkl"),
    "bearer without header": ("sent Bearer abcdef123456ghijklm.nop", "abcdef123456ghijklm.nop"),
    "basic": ("Authorization: Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
    "basic without header": ("curl -H 'Basic dXNlcjpwYXNzd29yZA=='", "dXNlcjpwYXNzd29yZA"),
    "authorization in json": ('{"Authorization": "Bearer tok_abcdef12345"}', "tok_abcdef12345"),
    "authorization escaped": (r"{\"authorization\":\"Bearer tok_abcdef12345\"}", "tok_abcdef12345"),
    "digest": ('Authorization: Digest username="u", response="6629fae49393a05397450978507c4ef1"', "6629fae4"),
    "aws signature": (
        f"Authorization: AWS4-HMAC-SHA256 Credential={AWS_ID}/20261120/us-east-1, Signature=fe5f80f77d5fa3",
        "fe5f80f77d5fa3",
    ),
    "aws key id": (f"key {AWS_ID} is inactive", AWS_ID),
    "aws secret": (
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    ),
    "aws presigned": (
        "?X-Amz-Expires=60&X-Amz-Signature=0123456789abcdef0123456789",
        "0123456789abcdef0123456789",
    ),
    "gcp api key": (
        "key=AIza" + "SyA1234567890abcdefghijklmnopqrstuv",
        "SyA1234567890abcdefghijklmnopqrstuv",
    ),
    "gcp access token": ("ya29." + "a0AfH6SMBx-1234567890_abcdef", "a0AfH6SMBx"),
    "gcp service account": (
        json.dumps({"type": "service_account", "private_key": PEM + "\n"}),
        "MIIEvQIBADAN",
    ),
    "github": (f"git clone failed: {GITHUB}", GITHUB),
    "github fine-grained": ("github_pat_" + "11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz", "11ABCDEFG0"),
    "slack bot": (f"token {SLACK} revoked", SLACK),
    "slack app": ("xapp-" + "1-A012-3456-abcdef0123", "A012-3456"),
    "slack webhook": ("https://hooks.slack.com/services/T000/B000/abcDEF123456", "abcDEF123456"),
    "teams webhook": (
        "https://x.webhook.office.com/webhookb2/aaaa-bbbb@cccc/IncomingWebhook/dddd",
        "IncomingWebhook",
    ),
    "atlassian": (f"Jira answered 401 for {ATLASSIAN}", ATLASSIAN),
    "databricks": (f"dapi{HEX32}-3 is expired", HEX32),
    "databricks oauth": (f"dose{HEX32}", HEX32),
    "openai": ("sk-" + "proj-abc123DEF456ghi789JKL", "abc123DEF456"),
    "entra client secret": (f"used {ENTRA} to sign in", ENTRA),
    "function key in url": (f"https://f.azurewebsites.net/api/x?code={FUNCTION_KEY}&a=1", FUNCTION_KEY),
    "function key bare": (f"host key {FUNCTION_KEY}", FUNCTION_KEY),
    "function key header": (f"x-functions-key: {FUNCTION_KEY}", FUNCTION_KEY),
    "subscription key": (f"Ocp-Apim-Subscription-Key: {HEX32}", HEX32),
    "url user and password": ("postgresql://etl:s3cr3t@db.example.net:5432/dwh", "s3cr3t"),
    "url password with at": ("amqp://etl:p@ss@w0rd@mq.example.net/vh", "p@ss@w0rd"),
    "url password only": ("redis://:hunter2@cache:6379/0", "hunter2"),
    "url token": ("https://oauth2tokenvalue@github.com/org/repo.git", "oauth2tokenvalue"),
    "jdbc sqlserver": (
        "jdbc:sqlserver://h.database.windows.net:1433;database=d;user=u;password=Pa$$w0rd!;encrypt=true",
        "Pa$$w0rd!",
    ),
    "jdbc url query": ("jdbc:mysql://h:3306/d?user=u&password=hunter2&useSSL=true", "hunter2"),
    "jdbc oracle": ("jdbc:oracle:thin:scott/tiger@//db:1521/svc", "tiger"),
    "odbc": ("Driver={ODBC Driver 18};Server=h;Uid=u;Pwd=hunter2;Encrypt=yes", "hunter2"),
    "odbc braces": ("Driver=x;UID=u;PWD={hun;ter2};Encrypt=yes", "hun;ter2"),
    "ado": ("Server=h;User ID=u;Password=hunter2;", "hunter2"),
    "password with closing marks": ("password=a(b)c,d]e next", "a(b)c,d]e"),
    "sql login": ("CREATE LOGIN etl WITH PASSWORD = N'hunt''er2';", "hunt''er2"),
    "sql identified by": ("CREATE USER 'etl'@'%' IDENTIFIED BY 'hunter2';", "hunter2"),
    "sql identified with": ("ALTER USER u IDENTIFIED WITH mysql_native_password BY 'hunter2'", "hunter2"),
    "oracle identified by": ("ALTER USER scott IDENTIFIED BY tiger ACCOUNT UNLOCK", "tiger"),
    "postgres password": ("ALTER ROLE etl WITH LOGIN PASSWORD 'hunter2'", "hunter2"),
    "sql credential": (
        "CREATE DATABASE SCOPED CREDENTIAL c WITH IDENTITY='x', SECRET='sv=2099&sr=c'",
        "sv=2099",
    ),
    "env": ("PGPASSWORD=hunter2 psql -h db", "hunter2"),
    "env export": ('export AZURE_CLIENT_SECRET="hunter2x"', "hunter2x"),
    "env token": ("DATABRICKS_TOKEN=abcdefgh", "abcdefgh"),
    "env mysql": ("MYSQL_PWD=hunter2 mysqldump d", "hunter2"),
    "cli long": ("az sql db export --admin-password hunter2 --name d", "hunter2"),
    "cli equals": ("spark-submit --password=hunter2 app.py", "hunter2"),
    "cli quoted": ("login.sh --password 'two words' --user u", "two words"),
    "cli api key": ("tool --api-key abc123def --verbose", "abc123def"),
    "cli mysql": ("mysql -h db -u etl -phunter2 dwh", "hunter2"),
    "cli sqlcmd": ("sqlcmd -S h -U etl -P hunter2 -Q 'select 1'", "hunter2"),
    "cli az login": ("az login --service-principal -u x -p hunter2 --tenant t", "hunter2"),
    "cli curl": ("curl -s -u etl:hunter2 https://api.example.net", "hunter2"),
    "json": ('{"user":"u","password":"hunter2"}', "hunter2"),
    "json within json": (r'{"body":"{\"client_secret\":\"hunter2\"}"}', "hunter2"),
    "python dict": ("conn = {'password': 'hunter2', 'host': 'db'}", "hunter2"),
    "python index": ('config["password"] = "hunter2"', "hunter2"),
    "yaml": ("db:\n  host: h\n  password: hunter2\n", "hunter2"),
    "xml": ("<config><password>hunter2</password></config>", "hunter2"),
    "java properties": ("spark.hadoop.fs.s3a.secret.key=abcDEF123456", "abcDEF123456"),
    "jaas": ('PlainLoginModule required username="u" password="hunter2";', "hunter2"),
    "yaml below another name": ("password:\n  api_key: abcdef12345\n", "abcdef12345"),
    "header below its name": (f"subscription key:\nOcp-Apim-Subscription-Key: {HEX32}", HEX32),
    "container env in yaml": (
        "- name: DB_PASSWORD\n  value: hunter2\n- name: HOST\n  value: db\n",
        "hunter2",
    ),
    "container env in json": ('env: [{"name":"API_TOKEN","value":"hunter2"}]', "hunter2"),
    "container env escaped": (r"{\"name\": \"DB_PWD\", \"value\": \"hunter2\"}", "hunter2"),
    "cookie": ("Cookie: session=abc; id=def", "session=abc"),
    "email": ("job of jane.doe+etl@example.co.uk failed", "jane.doe"),
    "email in a path": ("/Workspace/Users/jane.doe@example.com/etl", "jane.doe"),
    "email url-encoded": ("https://x/?user=jane.doe%40example.com&a=1", "jane.doe"),
    "email of another script": ("jörg.müller@büro.example.de", "müller"),
    "pem": (PEM, "MIIEvQIBADAN"),
    "pem in one line": (PEM.replace("\n", "\\n"), "MIIEvQIBADAN"),
    "pem without end": (PEM[:90] + "\n\nnext line", "MIIEvQIBADAN"),
    "pem without start": (PEM[30:], "BKcwggSjAgEA"),
    "pem with headers, cut": (
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nMIIEabcd1234efgh\n",
        "MIIEabcd1234efgh",
    ),
}
