# The worker, and the command `ladepuls` for what stands beside it.
FROM node:22.23.3-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY build.js tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:22.23.3-slim
ENV NODE_ENV=production LADEPULS_HOME=/var/lib/ladepuls LADEPULS_HEALTH_PORT=8086
WORKDIR /app
RUN mkdir "$LADEPULS_HOME" && chown node:node "$LADEPULS_HOME" && ln -s /app/dist/cli.js /usr/local/bin/ladepuls
# Temporal's SDK checks its servers' certificates by the system's, which this image comes without.
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json LICENSE ./
COPY sql ./sql
USER node
# Healthy: Temporal knows this worker to ask for work. Asked within the container, where alone the port is open, unless
# LADEPULS_HEALTH_HOST says otherwise. The image has no curl.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.LADEPULS_HEALTH_PORT}/ready`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# The small young generation and the few arenas are those that src/app/installation.ts gives its worker.
ENV MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=1048576
CMD ["node", "--enable-source-maps", "--max-semi-space-size=8", "dist/worker.js"]
