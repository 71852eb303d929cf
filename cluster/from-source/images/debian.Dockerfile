# As the official debian:*-slim, made by mmdebstrap.
FROM scratch
ADD debian.tar /
CMD ["bash"]
