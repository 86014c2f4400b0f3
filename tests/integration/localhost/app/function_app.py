"""The function app that the local host's tests run: it tells what happens to it in the file EVENTS."""

import json
import os
import threading
import time

import azure.functions as func

app = func.FunctionApp()
running = 0
lock = threading.Lock()


def tell(kind: str, **about: object) -> None:
    line = json.dumps({"kind": kind, "at": time.time(), **about}) + "\n"
    handle = os.open(os.environ["EVENTS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(handle, line.encode())
    os.close(handle)


@app.route(route="echo/{id:int?}", methods=["GET", "POST"], auth_level=func.AuthLevel.ANONYMOUS)
def echo(req: func.HttpRequest) -> func.HttpResponse:
    seen = {
        "method": req.method,
        "url": req.url,
        "headers": dict(req.headers),
        "query": dict(req.params),
        "route": dict(req.route_params),
        "body": req.get_body().decode("utf-8", "replace"),
    }
    return func.HttpResponse(json.dumps(seen), mimetype="application/json")


@app.route(route="echo/fixed", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def fixed(req: func.HttpRequest) -> str:
    return "the literal route"


@app.route(route="files/{*path}", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def files(req: func.HttpRequest) -> str:
    return req.route_params.get("path", "nothing")


@app.route(route="teapot", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
def teapot(req: func.HttpRequest) -> func.HttpResponse:
    response = func.HttpResponse(b"\x00short", status_code=418, headers={"X-Kind": "pot"})
    response.headers.add("Set-Cookie", "a=1; Path=/; HttpOnly")
    response.headers.add("Set-Cookie", "b=2; SameSite=Strict")
    return response


@app.route(route="fail", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def fail(req: func.HttpRequest) -> str:
    raise ValueError("two\nlines")


@app.route(route="async", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def asynchronous(req: func.HttpRequest) -> str:
    return "awaited"


@app.route(route="slow", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def slow(req: func.HttpRequest) -> str:
    tell("slow began")
    time.sleep(float(req.params["seconds"]))
    tell("slow ended")
    return "slept"


@app.route(route="secret", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)
def secret(req: func.HttpRequest) -> str:
    return "in"


@app.route(route="chief", methods=["GET"], auth_level=func.AuthLevel.ADMIN)
def chief(req: func.HttpRequest) -> str:
    return "in"


@app.route(route="send", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@app.queue_output(arg_name="out", queue_name="%PREFIX%-sent", connection="DataStorage")
def send(req: func.HttpRequest, out: func.Out[str]) -> func.HttpResponse:
    out.set(req.get_body().decode())
    return func.HttpResponse("sent")


@app.queue_trigger(arg_name="message", queue_name="%PREFIX%-work", connection="DataStorage")
def work(message: func.QueueMessage) -> None:
    global running
    with lock:
        running += 1
        together = running
    try:
        order = message.get_json() if message.get_body().startswith(b"{") else {}
        about = {"id": message.id, "attempt": message.dequeue_count, "inserted": str(message.insertion_time)}
        tell("work", body=message.get_body().decode(), together=together, pid=os.getpid(), **about)
        time.sleep(order.get("sleep", 0))
        if order.get("fail"):
            raise RuntimeError("as ordered")
        tell("worked", body=message.get_body().decode(), **about)
    finally:
        with lock:
            running -= 1


@app.queue_trigger(arg_name="message", queue_name="%PREFIX%-bin-poison", connection="DataStorage")
def grave(message: func.QueueMessage) -> None:
    tell("grave", attempt=message.dequeue_count)
    raise RuntimeError("even here")


@app.timer_trigger(arg_name="timer", schedule="%EVERY%", run_on_startup=True)
def tick(timer: func.TimerRequest) -> None:
    tell("tick", past_due=timer.past_due)


@app.route(route="negotiate", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@app.generic_input_binding(
    arg_name="info",
    type="signalRConnectionInfo",
    hubName="Incidents",
    userId="{headers.x-user}",
    connectionStringSetting="AzureSignalRConnectionString",
)
def negotiate(req: func.HttpRequest, info: str) -> func.HttpResponse:
    return func.HttpResponse(info, mimetype="application/json")


@app.route(route="publish", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@app.generic_output_binding(
    arg_name="live",
    type="signalR",
    hubName="incidents",
    connectionStringSetting="AzureSignalRConnectionString",
)
def publish(req: func.HttpRequest, live: func.Out[str]) -> func.HttpResponse:
    live.set(req.get_body().decode())
    return func.HttpResponse("published")


def prepare() -> None:
    tell("prepared", storage=os.environ["DataStorage"])  # noqa: SIM112 - the setting's name
