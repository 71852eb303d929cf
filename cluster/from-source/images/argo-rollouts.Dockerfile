FROM scratch
COPY rollouts-controller /bin/rollouts-controller
USER 999
WORKDIR /home/argo-rollouts
ENTRYPOINT ["/bin/rollouts-controller"]
