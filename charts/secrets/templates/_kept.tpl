{{/* Returns the value under `key` in the existing Secret `name`, or else `fresh`, in base64. */}}
{{- define "secrets.kept" -}}
{{- $old := lookup "v1" "Secret" .release.Namespace .name | default dict -}}
{{- dig "data" .key (.fresh | b64enc) $old -}}
{{- end }}
