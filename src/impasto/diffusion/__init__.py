"""What the diffusion methods share: Wan's transformer and autoencoder as the library has them, at every size."""
