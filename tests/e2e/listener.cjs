// Connects to the live hub with Microsoft's client and prints one JSON line for each thing it hears.
// node listener.cjs <API base URL> <session token>
const { HubConnectionBuilder, LogLevel } = require("@microsoft/signalr");

const [url, token] = process.argv.slice(2);
const tell = (event, data) => console.log(JSON.stringify({ event, data }));
const connection = new HubConnectionBuilder()
  .withUrl(url, { headers: { "X-Session-Token": token } })
  .configureLogging(LogLevel.None)
  .build();

for (const event of ["ticket_created", "ticket_updated"]) {
  connection.on(event, (data) => tell(event, data));
}
connection.onclose(() => process.exit(0));
process.stdin.on("end", () => connection.stop()).resume();
connection.start().then(
  () => tell("connected", null),
  (error) => {
    tell("refused", String(error));
    process.exit(1);
  },
);
