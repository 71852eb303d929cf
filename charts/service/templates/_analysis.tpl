{{- /*
One number of a revision, looked at again and again; the second look that is bad ends it. Beside the steps of a canary that goes on for as
long as they take, and a revision of which nothing can be said has to wait. Where all requests have gone to it at once there are so many
looks, and nobody asking is no objection.
*/}}
{{- define "service.measurement" -}}
- name: {{ .name }}
  initialDelay: 15s
  interval: 5s
  {{- with .looks }}
  count: {{ . }}
  {{- end }}
  failureLimit: 1
  inconclusiveLimit: 6
  successCondition: {{ ternary "len(result) == 0 || isNaN(result[0]) ||" "len(result) > 0 &&" (hasKey . "looks") }} result[0] <= {{ .limit }}
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
