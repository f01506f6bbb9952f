"""What layers and units do: filters, feature maps, saliency, occlusion, and the most exciting samples."""
