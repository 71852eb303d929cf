{{- define "service.image" -}}
{{- if contains "OWNER" .Values.global.image.registry }}
{{- fail "Set global.image.registry: to ghcr.io/<owner>/<repository>/ for published images, to your registry, or to \"\" for images in the nodes" }}
{{- end }}
{{- $tag := printf ":%s" (.Values.global.image.tag | default .Chart.AppVersion) }}
{{- .Values.global.image.registry }}meshmart/{{ .Values.name }}{{ .Values.digest | empty | ternary $tag (printf "@%s" .Values.digest) }}
{{- end }}

{{- define "service.labels" -}}
app: {{ .Values.name }}
app.kubernetes.io/name: {{ .Values.name }}
app.kubernetes.io/part-of: meshmart
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "service.databaseUrl" -}}
- name: DATABASE_URL
  valueFrom:
    secretKeyRef:
      name: {{ .Values.global.externalDatabase.secret | default "databases" }}
      key: {{ .Values.name }}
{{- end }}

{{- define "service.container" -}}
image: {{ include "service.image" . }}
imagePullPolicy: IfNotPresent
resources: {{ toYaml .Values.resources | nindent 2 }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end }}
