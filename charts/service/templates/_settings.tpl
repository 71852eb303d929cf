{{- /*
Fields of a pod's spec from the chart's values and from `global`. A list or a name replaces the global one; maps are merged.
*/}}
{{- define "settings.podSpec" -}}
{{- $spec := dict }}
{{- range list "imagePullSecrets" "tolerations" "priorityClassName" }}
{{- $_ := set $spec . (get $.Values . | default (get $.Values.global .)) }}
{{- end }}
{{- range list "nodeSelector" "affinity" }}
{{- $_ := set $spec . (include "settings.map" (dict "root" $ "field" .) | fromYaml) }}
{{- end }}
{{- range $field, $value := $spec }}
{{- with $value }}
{{ $field }}: {{ toJson . }}
{{- end }}
{{- end }}
{{- end }}

{{- /* The map `field` of the values of `root`, merged over the one of `global`. */}}
{{- define "settings.map" -}}
{{- with merge (dict) (get .root.Values .field | default dict) (get .root.Values.global .field | default dict) }}
{{- toYaml . }}
{{- end }}
{{- end }}

{{- /* An image of Docker Hub, from the mirror if there is one. Takes `root` and `image`. */}}
{{- define "settings.image" -}}
{{- with .root.Values.global.image.mirror }}
{{- regexReplaceAll "^docker\\.io/" $.image . }}
{{- else }}
{{- .image }}
{{- end }}
{{- end }}
