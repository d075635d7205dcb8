# The server in a small image. Build: docker build -t warung .   Run with a database: docker compose up
FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked --bin warung

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates curl \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 warung
COPY --from=build /src/target/release/warung /usr/local/bin/warung
USER warung
ENV WARUNG_BIND=0.0.0.0:8080
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["curl", "--fail", "--silent", "http://127.0.0.1:8080/health/ready"]
# SIGTERM finishes the turns in flight.
STOPSIGNAL SIGTERM
ENTRYPOINT ["warung"]
CMD ["serve"]
