{{- /* One number of a revision, looked at again and again for as long as a rollout takes. The second look that is bad ends it. */}}
{{- define "service.measurement" -}}
- name: {{ .name }}
  initialDelay: 15s
  interval: 5s
  count: 18
  failureLimit: 1
  inconclusiveLimit: 6
  successCondition: len(result) > 0 && result[0] <= {{ .limit }}
  failureCondition: len(result) > 0 && result[0] > {{ .limit }}
  provider:
    prometheus:
      address: {{ .prometheus }}
      query: {{ .query | quote }}
{{- end }}

{{- /* How a strategy asks for them. */}}
{{- define "service.numbers" -}}
args:
  - name: revision
    valueFrom: { podTemplateHashValue: Latest }
  - name: stable
    valueFrom: { podTemplateHashValue: Stable }
templates:
  - templateName: {{ .Values.name }}-numbers
{{- end }}
