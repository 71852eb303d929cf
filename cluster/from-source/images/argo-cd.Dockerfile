# Goes for the official quay.io/argoproj/argocd where that cannot be had: the one program under the names of all its parts, and the
# programs that it calls. Kustomize is not among them, since nothing of ours needs it.
FROM debian:bookworm-slim
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates git gpg gpg-agent tini && rm -rf /var/lib/apt/lists/* /var/cache/apt
RUN groupadd --gid 999 argocd && useradd --uid 999 --gid argocd --create-home argocd && \
    mkdir -p /app/config/ssh /app/config/tls /app/config/gpg/source /app/config/gpg/keys && \
    touch /app/config/ssh/ssh_known_hosts && chown argocd /app/config/gpg/keys && chmod 700 /app/config/gpg/keys
COPY argocd gpg-wrapper.sh git-verify-wrapper.sh /usr/local/bin/
COPY --from=helm helm /usr/local/bin/
RUN chmod 755 /usr/local/bin/*.sh && \
    for part in application-controller repo-server k8s-auth cmp-server; do ln -s argocd /usr/local/bin/argocd-$part; done
ENV USER=argocd
USER 999
WORKDIR /home/argocd
ENTRYPOINT ["/usr/bin/tini", "--"]
