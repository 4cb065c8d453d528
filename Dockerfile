# The executable is made on the machine that builds, for the one that will run it: nothing is emulated.
FROM --platform=$BUILDPLATFORM denoland/deno:2.9.6 AS build
ARG TARGETARCH
WORKDIR /kabar
COPY . .
RUN deno install --frozen \
  && target=linux-$(echo "${TARGETARCH:-amd64}" | sed s/amd64/x64/) \
  && deno task compile "$target" \
  && mv "dist/kabar-$target" dist/kabar \
  && mkdir data

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /kabar/dist/kabar /usr/local/bin/kabar
COPY --from=build --chown=nonroot:nonroot /kabar/data /data
ENV DATA_DIR=/data LOG_DIR=/data/logs
VOLUME /data
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=20s --start-interval=1s CMD ["kabar", "health"]
ENTRYPOINT ["kabar"]
CMD ["serve"]
