// Stops Azurite softly when the process that started it is gone: its end of our stdin closes.
process.stdin.on('close', () => process.kill(process.pid, 'SIGTERM'));
process.stdin.resume();
process.stdin.unref?.();
