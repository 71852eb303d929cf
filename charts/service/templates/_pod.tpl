{{- /* Pod template of one version, for a Deployment or a Rollout. Takes `root`, `version` and `selector`, the pods' own labels. */}}
{{- define "service.podTemplate" -}}
{{- $version := .version }}
{{- $selector := .selector }}
{{- with .root }}
metadata:
  labels:
    {{- include "service.labels" . | nindent 4 }}
    version: {{ $version }}
    {{- if .Values.global.mesh.ambient }}
    istio.io/dataplane-mode: ambient
    {{- else if .Values.global.mesh.revision }}
    istio.io/rev: {{ .Values.global.mesh.revision }}
    {{- end }}
    {{- include "settings.map" (dict "root" . "field" "podLabels") | nindent 4 }}
  annotations:
    {{- if not .Values.global.mesh.ambient }}
    # The migration, an init container, connects through the sidecar.
    sidecar.istio.io/nativeSidecar: "true"
    {{- end }}
    prometheus.io/scrape: "true"
    prometheus.io/port: "8080"
    prometheus.io/path: /metrics
    {{- include "settings.map" (dict "root" . "field" "podAnnotations") | nindent 4 }}
spec:
  {{- include "settings.podSpec" . | nindent 2 }}
  serviceAccountName: {{ .Values.name }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ .Values.shutdown.graceSeconds }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    runAsGroup: 65532
    fsGroup: 65532
    seccompProfile:
      type: RuntimeDefault
  topologySpreadConstraints:
    {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
    - topologyKey: {{ . }}
      maxSkew: 1
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels: {{ toJson $selector }}
    {{- end }}
  {{- if .Values.database }}
  initContainers:
    # Replicas that start together wait for a lock in the database.
    - name: migrate
      command: [node, src/migrate.ts]
      {{- include "service.container" . | nindent 6 }}
      env:
        {{- include "service.databaseUrl" . | nindent 8 }}
        {{- range $name, $source := .Values.migrationSecrets }}
        - name: {{ $name }}
          valueFrom:
            secretKeyRef:
              name: {{ $source.secret }}
              key: {{ $source.key }}
        {{- end }}
  {{- end }}
  containers:
    - name: service
      {{- include "service.container" . | nindent 6 }}
      env:
        - name: SERVICE_VERSION
          value: {{ $version }}
        - name: INSTANCE_ID
          valueFrom:
            fieldRef:
              fieldPath: metadata.name
        {{- with .Values.global.faultsPort }}
        - name: FAULTS_PORT
          value: {{ . | quote }}
        {{- end }}
        - name: DRAIN_MS
          value: {{ mul .Values.shutdown.drainSeconds 1000 | quote }}
        {{- if .Values.database }}
        {{- include "service.databaseUrl" . | nindent 8 }}
        {{- end }}
        {{- range $name, $source := .Values.secretFiles }}
        - name: {{ $name }}
          value: /etc/meshmart/{{ $source.secret }}/{{ $source.key }}
        {{- end }}
        {{- with .Values.global.telemetry }}
        {{- if .otlpEndpoint }}
        - name: OTEL_EXPORTER_OTLP_ENDPOINT
          value: {{ .otlpEndpoint }}
        - name: OTEL_TRACES_SAMPLER
          value: parentbased_traceidratio
        - name: OTEL_TRACES_SAMPLER_ARG
          value: {{ .sampledShare | quote }}
        {{- end }}
        {{- end }}
        {{- range $name, $value := .Values.env }}
        - name: {{ $name }}
          value: {{ $value | quote }}
        {{- end }}
      ports:
        - name: http
          containerPort: 8080
      startupProbe:
        httpGet: { path: /health/live, port: http }
        periodSeconds: 1
        failureThreshold: 120
      readinessProbe:
        httpGet: { path: /health/ready, port: http }
        periodSeconds: 5
        timeoutSeconds: 5
        failureThreshold: 2
      livenessProbe:
        httpGet: { path: /health/live, port: http }
        periodSeconds: 10
        timeoutSeconds: 5
      lifecycle:
        preStop:
          sleep:
            seconds: {{ .Values.shutdown.preStopSeconds }}
      {{- with .Values.secretFiles }}
      volumeMounts:
        {{- range . }}
        - name: {{ .secret }}
          mountPath: /etc/meshmart/{{ .secret }}
          readOnly: true
        {{- end }}
      {{- end }}
  {{- with .Values.secretFiles }}
  volumes:
    {{- range . }}
    - name: {{ .secret }}
      secret:
        secretName: {{ .secret }}
        defaultMode: 0440
    {{- end }}
  {{- end }}
{{- end }}
{{- end }}
