{{- /*
One metric of a revision, measured repeatedly. The second failed measurement aborts the revision. A canary is measured for as long
as its steps take, and pauses without traffic. With blue-green the number of measurements is fixed, and no traffic is no failure.
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

{{- /* Reference of a strategy to the AnalysisTemplate of the metrics. */}}
{{- define "service.numbers" -}}
args:
  - name: revision
    valueFrom: { podTemplateHashValue: Latest }
  - name: stable
    valueFrom: { podTemplateHashValue: Stable }
templates:
  - templateName: {{ .Values.name }}-numbers
{{- end }}
