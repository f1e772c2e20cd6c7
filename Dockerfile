# One image, three programs:
#   python -m server.command serve      CommandService, port 50051
#   python -m server.query serve        QueryService, port 50052
#   python -m projections run           the change-data worker
# and for the operator: python -m server.command migrate | load-codes | set-policy | purge-receipts
FROM python:3.11-slim AS build
WORKDIR /app
COPY requirements/uv.txt requirements/server.txt requirements/
RUN python -m venv .venv \
 && .venv/bin/python -m pip install -q --require-hashes --no-deps -r requirements/uv.txt \
 && .venv/bin/uv pip install -q --python .venv/bin/python --require-hashes --no-deps -r requirements/server.txt
COPY protos/gen protos/gen
COPY server server
COPY projections projections
# The contract's package is found by path; the private servers for one machine stay out of the image.
RUN rm -rf server/embedded && echo /app/protos/gen > "$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')/claimflow.pth"

FROM python:3.11-slim
RUN useradd --system --uid 10001 --no-create-home claimflow
WORKDIR /app
COPY --from=build /app /app
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1
USER claimflow
EXPOSE 50051 50052
CMD ["python", "-m", "server.command", "serve"]
