// Connects each user of `node signalr_client.cjs URL USER…` with the official client and prints what arrives.
const { HubConnectionBuilder, LogLevel } = require('@microsoft/signalr');

const [url, ...users] = process.argv.slice(2);
const say = (event) => console.log(JSON.stringify(event));

async function connect(user) {
  const connection = new HubConnectionBuilder()
    .withUrl(`${url}/api`, { headers: { 'x-user': user } })
    .withAutomaticReconnect({ nextRetryDelayInMilliseconds: () => 100 })
    .configureLogging(LogLevel.None)
    .build();
  connection.on('ticket', (...parts) => say({ event: 'ticket', user, arguments: parts }));
  connection.onreconnected((id) => say({ event: 'connected', user, id }));
  await connection.start();
  say({ event: 'connected', user, id: connection.connectionId });
  connection.invoke('anything').catch((error) => say({ event: 'refused', user, message: error.message }));
}

users.forEach((user) => connect(user).catch((error) => say({ event: 'failed', user, message: String(error) })));
process.stdin.on('end', () => process.exit(0)).resume();
