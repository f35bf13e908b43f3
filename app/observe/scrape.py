"""`/metrics`, for Prometheus."""

from __future__ import annotations

from prometheus_client.exposition import choose_encoder
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.observe.metrics import Metrics
from app.observe.sampled import Samples


def routes(metrics: Metrics, samples: Samples) -> list[Route]:
    async def scrape(request: Request) -> Response:
        await samples.refresh()
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(metrics.registry), headers={"content-type": content_type})

    return [Route("/metrics", scrape, methods=["GET"])]
