{{- define "postgres.labels" -}}
app: postgres
app.kubernetes.io/name: postgres
app.kubernetes.io/part-of: meshmart
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "postgres.container" -}}
image: {{ include "settings.image" (dict "root" . "image" .Values.image) }}{{ with .Values.digest }}@{{ . }}{{ end }}
imagePullPolicy: IfNotPresent
resources: {{ toYaml .Values.resources | nindent 2 }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
env:
  - name: PGDATA
    value: /var/lib/postgresql/data
{{- end }}
